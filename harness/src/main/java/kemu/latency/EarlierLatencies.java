package kemu.latency;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import kemu.hw.cpu.Tags;
import org.HdrHistogram.EncodableHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;

/** Latencies that {@code latency.hlog} holds of a run that another process goes on with. */
public final class EarlierLatencies {
    private EarlierLatencies() {}

    /**
     * Adds all that {@code log} holds to the totals of {@code latencies}. Before the run begins.
     *
     * @throws IOException if it cannot be read
     */
    public static void add(Path log, Latencies latencies) throws IOException {
        try (InputStream in = Files.newInputStream(log);
                HistogramLogReader reader = new HistogramLogReader(in)) {
            // Ends with the file.
            while (reader.hasNext()) {
                EncodableHistogram next = reader.nextIntervalHistogram();
                if (next instanceof Histogram histogram && histogram.getTag() != null) {
                    latencies.earlier(Tags.tag(histogram.getTag()), histogram);
                }
            }
        } catch (RuntimeException malformed) {
            throw new IOException("latency.hlog cannot be read: " + malformed.getMessage(), malformed);
        }
    }
}

package kemu.soak.live;

import java.io.IOException;
import java.nio.file.Path;
import kemu.hw.cpu.Tags;
import kemu.latency.Latencies;
import kemu.results.LatencyLines;

/** Latencies that {@code latency.hlog} holds of a run that another process goes on with. */
public final class EarlierLatencies {
    private EarlierLatencies() {}

    /**
     * Adds all that {@code log} holds to the totals of {@code latencies}; a last line that was cut off counts for
     * nothing. Before the run begins.
     *
     * @throws IOException if it cannot be read
     */
    public static void add(Path log, Latencies latencies) throws IOException {
        try (LatencyLines lines = new LatencyLines(log)) {
            // Ends with the file.
            for (LatencyLines.Line line = lines.next(); line != null; line = lines.next()) {
                if (line.histogram().getTag() != null) {
                    latencies.earlier(Tags.tag(line.histogram().getTag()), line.histogram());
                }
            }
            if (!lines.problem().isEmpty()) {
                throw new IOException(lines.problem());
            }
        }
    }
}

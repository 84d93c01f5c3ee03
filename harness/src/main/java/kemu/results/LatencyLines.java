package kemu.results;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import org.HdrHistogram.EncodableHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;

/**
 * The lines of a {@code latency.hlog}, one after the other, as far as they can be read. Of a file that a kill has cut
 * off the last line is left out; of one that a crash of the host has damaged, what comes before the damage is good.
 */
public final class LatencyLines implements Closeable {
    /**
     * What one operation did in one interval.
     *
     * @param histogram its latencies; its tag names the operation, or is null for the sum of several
     * @param from begin, in seconds since the begin of the log
     * @param to end, in seconds since the begin of the log
     */
    public record Line(Histogram histogram, double from, double to) {}

    private final Path file;
    private final HistogramLogReader reader;
    private int lines;
    private double begin = Double.NaN;
    private String problem = "";

    /** The lines of {@code file}, which must be there. */
    public LatencyLines(Path file) throws IOException {
        this.file = file;
        reader = new HistogramLogReader(WholeLines.of(file));
    }

    /** The next line; null if there is none. */
    public Line next() {
        try {
            EncodableHistogram next = reader.nextIntervalHistogram();
            if (next == null) {
                return null;
            }
            lines++;
            if (Double.isNaN(begin)) {
                begin = reader.getStartTimeSec();
            }
            double from = Math.max(0, next.getStartTimeStamp() / 1e3 - begin);
            return new Line((Histogram) next, from, Math.max(from, next.getEndTimeStamp() / 1e3 - begin));
        } catch (RuntimeException damaged) {
            problem = file.getFileName() + " cannot be read after its line " + lines + " of an interval ("
                    + String.valueOf(damaged.getMessage()).lines().findFirst().orElse("") + ")";
            return null;
        }
    }

    /** Begin of the log in seconds since 1970; 0 before the first line. */
    public double beginSeconds() {
        return Double.isNaN(begin) ? 0 : begin;
    }

    /** What kept it from the rest, in half a line; empty if nothing did. */
    public String problem() {
        return problem;
    }

    @Override
    public void close() {
        reader.close();
    }
}

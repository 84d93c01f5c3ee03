package kemu.latency;

import java.io.FileNotFoundException;
import java.nio.file.Path;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;

/** {@code latency.hlog}: one line per interval and series, tagged, written and flushed as the run goes on. */
public final class IntervalLog implements AutoCloseable {
    private final java.io.PrintStream out;
    private final HistogramLogWriter writer;
    private final Latencies latencies;
    private final Histogram interval = Latencies.emptyHistogram();
    private long intervalStart;

    /** Opens the log in {@code file}; {@code nowMillis} is its base time. */
    public IntervalLog(Path file, Latencies latencies, long nowMillis) throws FileNotFoundException {
        this.latencies = latencies;
        out = new java.io.PrintStream(new java.io.FileOutputStream(file.toFile()), true);
        writer = new HistogramLogWriter(out);
        writer.outputComment("[kemu latencies, nanoseconds, one line per interval and tag]");
        writer.outputLogFormatVersion();
        writer.outputStartTime(nowMillis);
        writer.setBaseTime(nowMillis);
        writer.outputLegend();
        intervalStart = nowMillis;
    }

    /**
     * Ends the interval at {@code nowMillis}: writes every series that recorded something. False if the disk is full.
     */
    public boolean interval(long nowMillis) {
        for (int tag = 0; tag < latencies.names().size(); tag++) {
            latencies.drain(tag, interval);
            if (interval.getTotalCount() != 0) {
                interval.setTag(latencies.names().get(tag));
                interval.setStartTimeStamp(intervalStart);
                interval.setEndTimeStamp(nowMillis);
                writer.outputIntervalHistogram(interval);
            }
        }
        intervalStart = nowMillis;
        out.flush();
        return !out.checkError();
    }

    @Override
    public void close() {
        out.close();
    }
}

package kemu.latency;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;

/**
 * {@code latency.hlog}: one line per interval and series, tagged, flushed after each interval. Before them stands a
 * line without a tag, the sum of all kinds of page faults: what the tools of HdrHistogram show when no tag is given.
 */
public final class IntervalLog {
    /** Version of the format, as the first comment says. 2: lines without a tag. */
    public static final int VERSION = 2;
    /** Series whose sum has no tag begin so. */
    public static final String SUMMED = "fault_";

    private final Counting counting;
    private final java.io.PrintStream out;
    private final HistogramLogWriter writer;
    private final Latencies latencies;
    private final Histogram scratch = Latencies.emptyHistogram();
    private final Histogram sum = Latencies.emptyHistogram();
    private long intervalStart;

    private static final class Counting extends FilterOutputStream {
        private long bytes;

        Counting(OutputStream out, long already) {
            super(out);
            bytes = already;
        }

        @Override
        public void write(int one) throws IOException {
            bytes++;
            out.write(one);
        }

        @Override
        public void write(byte[] all, int from, int count) throws IOException {
            bytes += count;
            out.write(all, from, count);
        }
    }

    /** Begins the log in {@code log}; {@code nowMillis} is its base time. */
    public IntervalLog(OutputStream log, Latencies latencies, long nowMillis) {
        this.latencies = latencies;
        counting = new Counting(log, 0);
        out = new java.io.PrintStream(counting, true, StandardCharsets.UTF_8);
        writer = begin(out, nowMillis);
        intervalStart = nowMillis;
    }

    /** A writer that has written the head of a log whose base time is {@code nowMillis}. */
    public static HistogramLogWriter begin(java.io.PrintStream out, long nowMillis) {
        HistogramLogWriter writer = new HistogramLogWriter(out);
        writer.outputComment("[kemu latencies " + VERSION + ", nanoseconds, one line per interval and tag; without a"
                + " tag: sum of " + SUMMED + "*]");
        writer.outputLogFormatVersion();
        writer.outputStartTime(nowMillis);
        writer.setBaseTime(nowMillis);
        writer.outputLegend();
        return writer;
    }

    /** Goes on with {@code log}, which has {@code bytes} and whose base time is {@code baseMillis}. */
    public static IntervalLog goingOn(
            OutputStream log, long bytes, Latencies latencies, long baseMillis, long nowMillis) {
        return new IntervalLog(log, bytes, latencies, baseMillis, nowMillis);
    }

    private IntervalLog(OutputStream log, long bytes, Latencies latencies, long baseMillis, long nowMillis) {
        this.latencies = latencies;
        counting = new Counting(log, bytes);
        out = new java.io.PrintStream(counting, true, StandardCharsets.UTF_8);
        writer = new HistogramLogWriter(out);
        writer.outputComment("[resumed at " + (nowMillis - baseMillis) / 1e3 + " s]");
        writer.setBaseTime(baseMillis);
        intervalStart = nowMillis;
    }

    /** Ends the interval at {@code nowMillis}: writes every series that recorded something. */
    public void interval(long nowMillis) {
        int tags = latencies.names().size();
        List<Histogram> drained = new ArrayList<>();
        sum.reset();
        for (int tag = 0; tag < tags; tag++) {
            latencies.drain(tag, scratch);
            drained.add(scratch.getTotalCount() == 0 ? null : scratch.copy());
            if (latencies.names().get(tag).startsWith(SUMMED)) {
                sum.add(scratch);
            }
        }
        write(sum, null, nowMillis);
        for (int tag = 0; tag < tags; tag++) {
            if (drained.get(tag) != null) {
                write(drained.get(tag), latencies.names().get(tag), nowMillis);
            }
        }
        intervalStart = nowMillis;
        out.flush();
    }

    private void write(Histogram histogram, String tag, long nowMillis) {
        if (histogram.getTotalCount() != 0) {
            histogram.setTag(tag);
            histogram.setStartTimeStamp(intervalStart);
            histogram.setEndTimeStamp(nowMillis);
            writer.outputIntervalHistogram(histogram);
        }
    }

    /** Bytes of the log so far. */
    public long bytes() {
        return counting.bytes;
    }
}

package kemu.latency;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;

/** {@code latency.hlog}: one line per interval and series, tagged, flushed after each interval. */
public final class IntervalLog {
    private final java.io.PrintStream out;
    private final HistogramLogWriter writer;
    private final Latencies latencies;
    private final Histogram interval = Latencies.emptyHistogram();
    private long intervalStart;

    /** Begins the log in {@code log}; {@code nowMillis} is its base time. */
    public IntervalLog(OutputStream log, Latencies latencies, long nowMillis) {
        this.latencies = latencies;
        out = new java.io.PrintStream(log, true, StandardCharsets.UTF_8);
        writer = new HistogramLogWriter(out);
        writer.outputComment("[kemu latencies, nanoseconds, one line per interval and tag]");
        writer.outputLogFormatVersion();
        writer.outputStartTime(nowMillis);
        writer.setBaseTime(nowMillis);
        writer.outputLegend();
        intervalStart = nowMillis;
    }

    /** Goes on with {@code log}, whose base time is {@code baseMillis}. */
    public static IntervalLog goingOn(OutputStream log, Latencies latencies, long baseMillis, long nowMillis) {
        return new IntervalLog(log, latencies, baseMillis, nowMillis);
    }

    private IntervalLog(OutputStream log, Latencies latencies, long baseMillis, long nowMillis) {
        this.latencies = latencies;
        out = new java.io.PrintStream(log, true, StandardCharsets.UTF_8);
        writer = new HistogramLogWriter(out);
        writer.outputComment("[resumed at " + (nowMillis - baseMillis) / 1e3 + " s]");
        writer.setBaseTime(baseMillis);
        intervalStart = nowMillis;
    }

    /** Ends the interval at {@code nowMillis}: writes every series that recorded something. */
    public void interval(long nowMillis) {
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
    }
}

package kemu.latency;

import org.HdrHistogram.Histogram;

/**
 * What is known of one series of latencies, in nanoseconds.
 *
 * @param tag its name
 * @param count of all since the run began
 * @param sumSeconds of all since the run began, as exact as the histogram
 * @param recent how many of them were in the last interval, which the rest is about
 * @param p50 nanoseconds, as the next four
 * @param p90 percentile
 * @param p99 percentile
 * @param p999 percentile 99.9
 * @param max the longest
 */
public record Figures(
        String tag, long count, double sumSeconds, long recent, long p50, long p90, long p99, long p999, long max) {
    /** After an interval. */
    static Figures of(String tag, Figures before, Histogram interval) {
        long recent = interval.getTotalCount();
        return new Figures(
                tag,
                recent + (before == null ? 0 : before.count),
                (recent == 0 ? 0 : interval.getMean() * recent / 1e9) + (before == null ? 0 : before.sumSeconds),
                recent,
                interval.getValueAtPercentile(50),
                interval.getValueAtPercentile(90),
                interval.getValueAtPercentile(99),
                interval.getValueAtPercentile(99.9),
                interval.getMaxValue());
    }
}

package kemu.results;

/**
 * What one operation did in one interval.
 *
 * @param fromSeconds begin, since the begin of the run
 * @param toSeconds end, since the begin of the run
 * @param count operations
 * @param p50 median in nanoseconds
 * @param p99 nanoseconds
 * @param max nanoseconds
 */
public record Interval(double fromSeconds, double toSeconds, long count, long p50, long p99, long max) {
    /** Operations a second. */
    public double perSecond() {
        return count / Math.max(1e-3, toSeconds - fromSeconds);
    }
}

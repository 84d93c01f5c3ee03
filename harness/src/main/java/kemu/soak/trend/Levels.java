package kemu.soak.trend;

import java.util.Arrays;

/**
 * A level over time: the lowest that was seen in each of at most {@link #MOST} spans of equal length. The spans get
 * longer as the run goes on.
 */
final class Levels {
    /** Even; so many points take 130,000 slopes. */
    static final int MOST = 512;

    private final double[] values = new double[MOST];
    private final boolean[] known = new boolean[MOST];
    private double spanSeconds;
    private int last = -1;

    /** Spans of {@code spanSeconds} to begin with. */
    Levels(double spanSeconds) {
        this.spanSeconds = spanSeconds;
    }

    /** The level at a time, not before the one given last. */
    void add(double seconds, double level) {
        int at = (int) (seconds / spanSeconds);
        // Ends: each time the spans are twice as long.
        while (at >= MOST) {
            halve();
            at = (int) (seconds / spanSeconds);
        }
        values[at] = known[at] ? Math.min(values[at], level) : level;
        known[at] = true;
        last = Math.max(last, at);
    }

    private void halve() {
        for (int i = 0; i < MOST / 2; i++) {
            int even = 2 * i;
            double low = known[even] ? values[even] : Double.POSITIVE_INFINITY;
            double other = known[even + 1] ? values[even + 1] : Double.POSITIVE_INFINITY;
            boolean any = known[even] || known[even + 1];
            values[i] = any ? Math.min(low, other) : 0;
            known[i] = any;
        }
        Arrays.fill(known, MOST / 2, MOST, false);
        last /= 2;
        spanSeconds *= 2;
    }

    /** Spans with a level that begin at {@code fromSeconds} or later: their times, then their levels. */
    double[][] since(double fromSeconds) {
        int first = (int) Math.ceil(fromSeconds / spanSeconds);
        int count = 0;
        for (int i = first; i <= last; i++) {
            count += known[i] ? 1 : 0;
        }
        double[][] points = new double[2][count];
        int at = 0;
        for (int i = first; i <= last; i++) {
            if (known[i]) {
                points[0][at] = (i + 0.5) * spanSeconds;
                points[1][at++] = values[i];
            }
        }
        return points;
    }

    /** When the last level was seen, in seconds. */
    double seconds() {
        return (last + 1) * spanSeconds;
    }
}

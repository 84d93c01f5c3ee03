package kemu.soak;

/**
 * When a run writes down what it has recorded: every second in the first minute, then every ten seconds; latencies of a
 * long run more and more rarely, so that their log stays small however long the run is.
 */
final class Cadence {
    private static final long SHORT_MILLIS = 1_000;
    private static final long USUAL_MILLIS = 10_000;
    private static final long BEGINNING_MILLIS = 60_000;

    /**
     * The time between two intervals doubles with each so many bytes of the log: 52 hours then take less than 50 MB.
     */
    private static final long BYTES_PER_DOUBLING = 6L << 20;

    private static final long LONGEST_MILLIS = 3_600_000;

    private long nextCounters = SHORT_MILLIS;
    private long nextLatencies = SHORT_MILLIS;

    /** Whether counters are to be written now, at {@code elapsedMillis}. */
    boolean counters(long elapsedMillis) {
        if (elapsedMillis < nextCounters) {
            return false;
        }
        nextCounters = elapsedMillis + usual(elapsedMillis);
        return true;
    }

    /** Whether latencies are to be written now, {@code bytes} being the size of their log. */
    boolean latencies(long elapsedMillis, long bytes) {
        if (elapsedMillis < nextLatencies) {
            return false;
        }
        long span = usual(elapsedMillis) << Math.min(20, bytes / BYTES_PER_DOUBLING);
        nextLatencies = elapsedMillis + Math.min(LONGEST_MILLIS, span);
        return true;
    }

    private static long usual(long elapsedMillis) {
        return elapsedMillis < BEGINNING_MILLIS ? SHORT_MILLIS : USUAL_MILLIS;
    }
}

package kemu.latency;

import java.util.concurrent.atomic.AtomicLongArray;
import org.HdrHistogram.Histogram;

/**
 * How often values fell into each bucket of a {@link Histogram} of two digits. One thread records and another takes,
 * neither ever waits, and nothing is lost: counts only grow, what was taken is remembered beside them.
 *
 * <p>A {@code SingleWriterRecorder} does the same for two atomic additions a value, and reclaim alone records more than
 * half a million values a second.
 */
final class BucketCounts {
    /** Values below are their own buckets; from here on, each power of two has half as many. */
    private static final int EXACT_BITS = 8;

    private static final int EXACT = 1 << EXACT_BITS;
    private static final int HALF = EXACT / 2;
    private static final int LENGTH = index(Latencies.HIGHEST) + 1;

    private final AtomicLongArray recorded = new AtomicLongArray(LENGTH);
    private final long[] taken = new long[LENGTH];

    /** Records {@code value}, 0 to {@link Latencies#HIGHEST}. Recording thread only. */
    void record(long value) {
        int at = index(value);
        recorded.setOpaque(at, recorded.getPlain(at) + 1);
    }

    /** Adds to {@code into} what was recorded since the last call. Taking thread only. */
    void takeTo(Histogram into) {
        for (int at = 0; at < LENGTH; at++) {
            long now = recorded.getOpaque(at);
            if (now != taken[at]) {
                into.recordValueWithCount(lowest(at), now - taken[at]);
                taken[at] = now;
            }
        }
    }

    private static int index(long value) {
        int bits = Long.SIZE - Long.numberOfLeadingZeros(value);
        int shift = Math.max(0, bits - EXACT_BITS);
        return shift * HALF + (int) (value >>> shift);
    }

    /** The lowest value of bucket {@code at}. */
    private static long lowest(int at) {
        int shift = Math.max(0, at / HALF - 1);
        return (long) (at - shift * HALF) << shift;
    }
}

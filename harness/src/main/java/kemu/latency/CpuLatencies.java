package kemu.latency;

import java.util.concurrent.atomic.AtomicLongArray;
import kemu.hw.cpu.LatencySink;
import org.HdrHistogram.Histogram;

/**
 * Latencies of one CPU: for each series, how many fell into each bucket of a {@link Histogram} of two digits. One
 * thread records and another takes, neither ever waits, and nothing is lost: counts only grow, what was taken is
 * remembered beside them.
 *
 * <p>A {@code SingleWriterRecorder} does the same for two atomic additions a value, and reclaim alone records more than
 * half a million values a second. All counts lie in one array: what is read on the way to a count, in the middle of a
 * walk of the reverse map, takes the place of something in the cache.
 */
final class CpuLatencies implements LatencySink {
    /** Values below are their own buckets; from here on, each power of two has half as many. */
    private static final int EXACT_BITS = 8;

    private static final int EXACT = 1 << EXACT_BITS;
    private static final int HALF = EXACT / 2;
    private static final int BUCKETS = index(Latencies.HIGHEST) + 1;

    private final int series;
    /** {@link #BUCKETS} counts for each series. */
    private final AtomicLongArray recorded;

    private final SlowOperations slow = new SlowOperations();
    /** By series; made when something is taken. */
    private final long[][] taken;

    /** Counts of {@code series} series, 0 and up. */
    CpuLatencies(int series) {
        this.series = series;
        recorded = new AtomicLongArray(series * BUCKETS);
        taken = new long[series][];
    }

    @Override
    public void record(int tag, long elapsed) {
        if (elapsed < SlowOperations.LEAST_NANOS) {
            count(tag, Math.max(0, elapsed));
        } else if (!slow.put(tag, elapsed, System.nanoTime())) {
            count(tag, Math.min(Latencies.HIGHEST, elapsed));
        }
    }

    /** Counts {@code value}, 0 to {@link Latencies#HIGHEST}, unless there is no such series. Recording thread only. */
    void count(int of, long value) {
        if (of < series) {
            int at = of * BUCKETS + index(value);
            recorded.setOpaque(at, recorded.getPlain(at) + 1);
        }
    }

    /** Operations that a pause of the host may have made slow; they are not counted here. */
    SlowOperations slow() {
        return slow;
    }

    /** Adds to {@code into} what was counted in series {@code of} since the last call. Taking thread only. */
    void takeTo(int of, Histogram into) {
        for (int at = 0; at < BUCKETS; at++) {
            long now = recorded.getOpaque(of * BUCKETS + at);
            if (now != 0) {
                take(of, at, now, into);
            }
        }
    }

    private void take(int of, int at, long now, Histogram into) {
        if (taken[of] == null) {
            taken[of] = new long[BUCKETS];
        }
        long before = taken[of][at];
        if (now != before) {
            into.recordValueWithCount(lowest(at), now - before);
            taken[of][at] = now;
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

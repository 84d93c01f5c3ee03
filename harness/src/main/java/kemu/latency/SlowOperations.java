package kemu.latency;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Operations of one CPU that took so long that a pause of the host may be to blame: they wait here until that is known.
 * The CPU puts them in, the reporter takes them out; neither waits for the other.
 */
final class SlowOperations {
    /** Operations of so many nanoseconds and more. */
    static final long LEAST_NANOS = 40_000_000;

    private static final int SLOTS = 1024;
    private static final int WORDS = 3;

    private final AtomicLongArray words = new AtomicLongArray(SLOTS * WORDS);
    private final AtomicLong put = new AtomicLong();
    private final AtomicLong taken = new AtomicLong();

    /** Takes one operation out. */
    @FunctionalInterface
    interface Taker {
        /** Takes the oldest operation; false leaves it where it is. */
        boolean take(int tag, long elapsed, long end);
    }

    /** Puts an operation in that ends now, {@code end} by the host's clock; false if there is no room. CPU only. */
    boolean put(int tag, long elapsed, long end) {
        long at = put.getPlain();
        if (at - taken.getAcquire() == SLOTS) {
            return false;
        }
        int slot = (int) (at % SLOTS) * WORDS;
        words.setPlain(slot, tag);
        words.setPlain(slot + 1, elapsed);
        words.setPlain(slot + 2, end);
        put.setRelease(at + 1);
        return true;
    }

    /** Offers what is here to {@code taker}, oldest first, until it leaves one. Reporter only. */
    void take(Taker taker) {
        long last = put.getAcquire();
        // Ends with what was here when it began.
        for (long at = taken.getPlain(); at < last; at++) {
            int slot = (int) (at % SLOTS) * WORDS;
            if (!taker.take((int) words.getPlain(slot), words.getPlain(slot + 1), words.getPlain(slot + 2))) {
                return;
            }
            taken.setRelease(at + 1);
        }
    }
}

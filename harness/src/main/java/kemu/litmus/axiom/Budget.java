package kemu.litmus.axiom;

import kemu.host.Stop;
import kemu.litmus.path.Cost;

/**
 * Bounds the work on one test, in steps of some microseconds: what is done is weighed by size, so that time and memory
 * are bounded, too. Also spent when the process is told to end.
 */
final class Budget implements Cost {
    /** Grains in a step. */
    static final int GRAINS = 64;

    /** Thrown when it is spent. */
    static final class Spent extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Spent() {
            super(null, null, false, false);
        }
    }

    private long left;

    Budget(long steps) {
        left = steps > Long.MAX_VALUE / GRAINS ? Long.MAX_VALUE : steps * GRAINS;
    }

    /** A read is given a source: all that are open were looked at. */
    void source(int reads, int events) {
        spend(GRAINS + (long) reads * events);
    }

    /** A way through all processes is set up. */
    void frame(int events) {
        spend(4 * GRAINS + (long) events * events);
    }

    /** A candidate is judged; relations over its events are composed, many times where grace periods are. */
    void judge(int events, boolean gracePeriods) {
        spend(GRAINS + (long) events * events / (gracePeriods ? 1 : 2));
    }

    /** An order of {@code writes} is extended by one, with so many readers. */
    void extend(int writes, int readers) {
        spend(1 + (long) writes * (writes + readers) / 4);
    }

    @Override
    public void spend(long grains) {
        left -= grains;
        if (left < 0 || Stop.requested()) {
            throw new Spent();
        }
    }
}

package kemu.litmus.axiom;

/** Bounds the work on one test, in steps: assigned reads and judged candidates, weighed by size. */
final class Budget {
    /** Thrown when it is spent. */
    static final class Spent extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Spent() {
            super(null, null, false, false);
        }
    }

    private long left;

    Budget(long steps) {
        left = steps;
    }

    void step() {
        if (--left < 0) {
            throw new Spent();
        }
    }
}

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

    /** A read is given a source: costs more the more reads there are. */
    void source(int reads) {
        spend(1 + reads * reads / 256);
    }

    /** A way through all processes is set up: costs more the more events there are. */
    void frame(int events) {
        spend(4 + events * events / 64);
    }

    /** A candidate is judged: costs more the more events there are. */
    void judge(int events) {
        spend(1 + events * events / 128);
    }

    private void spend(int steps) {
        left -= steps;
        if (left < 0) {
            throw new Spent();
        }
    }
}

package kemu.check.story;

/** Time of a trace: a step takes one microsecond, so that it shows order; how long things take it cannot show. */
final class TraceTime {
    private static final long STEP_NANOS = 1000;

    private TraceTime() {}

    /** When step {@code number} begins, in nanoseconds. */
    static long begin(int number) {
        return number * STEP_NANOS;
    }

    /** When it ends. */
    static long end(int number) {
        return begin(number + 1);
    }

    /** When the {@code order}-th thing is said that is said during step {@code number}. */
    static long within(int number, int order) {
        return begin(number) + Math.min(order, STEP_NANOS - 2);
    }
}

package kemu.trace.strace;

/**
 * Makes one time line of what strace prints: epoch seconds as they are, times of day with the next day after midnight,
 * distances ({@code -r}) summed up. Without times the lines are counted, which keeps their order. One per file.
 */
final class Clock {
    /** Seconds below this are no date after 1973: distances, or a machine whose clock was never set. */
    private static final long DATES = 100_000_000L * 1_000_000;

    private static final long DAY = 86_400L * 1_000_000;

    private boolean started;
    private boolean relative;
    private long days;
    private long now;

    /** Begins with the first line. */
    Clock() {}

    /** Goes on where the creator's clock stands: for the file of a child. */
    Clock(Clock creator) {
        days = creator.days;
        now = creator.now;
        relative = creator.relative;
        started = creator.started;
    }

    /** Microseconds of the line that {@code p} begins; {@code sequence} counts lines. */
    long at(LinePrefix p, long sequence) {
        switch (p.clock) {
            case LinePrefix.NONE -> now = sequence;
            case LinePrefix.DAY -> {
                long t = p.micros + days;
                if (started && t < now - DAY / 2) {
                    days += DAY;
                    t += DAY;
                }
                now = t;
            }
            default -> seconds(p);
        }
        started = true;
        return now;
    }

    private void seconds(LinePrefix p) {
        if (p.micros < DATES && now < DATES && (p.padded || p.micros == 0 || started && p.micros < now)) {
            relative = true;
        }
        now = relative ? now + p.micros : p.micros;
    }

    /** Whether times are distances. */
    boolean relative() {
        return relative;
    }
}

package kemu.report.plot;

/** What a time axis counts: the unit in which a run has a readable number of them. */
public enum TimeUnit {
    /** Seconds. */
    S(1),
    /** Minutes. */
    MIN(60),
    /** Hours. */
    H(3600);

    private static final int FEW = 3;

    private final double seconds;

    TimeUnit(double seconds) {
        this.seconds = seconds;
    }

    /** The largest one of which {@code seconds} has at least a few. */
    public static TimeUnit of(double seconds) {
        return seconds >= FEW * H.seconds ? H : seconds >= FEW * MIN.seconds ? MIN : S;
    }

    /** {@code value} seconds in this unit. */
    public double from(double value) {
        return value / seconds;
    }

    /** As it stands at an axis. */
    public String label() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}

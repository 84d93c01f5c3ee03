package kemu.litmus.path;

/** What srcu_read_lock returns: a value that names the lock event, so that its unlock is known wherever it happens. */
public final class Cookies {
    private static final long BASE = 1L << 52;
    private static final long APART = 1024;

    private Cookies() {}

    /** Cookie of event number {@code index} of {@code process}. */
    public static long of(int process, int index) {
        return BASE + APART * process + index;
    }

    /** Whether {@code value} is one. */
    public static boolean isCookie(long value) {
        return value >= BASE && value < BASE + APART * APART;
    }
}

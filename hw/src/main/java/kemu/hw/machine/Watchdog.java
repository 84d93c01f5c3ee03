package kemu.hw.machine;

/**
 * How long things may stand still before the machine fails with a report. All in ticks ({@link MachineConfig#HZ} a
 * second); 0 turns a check off. Set before {@link Machine#run} only.
 */
public final class Watchdog {
    private long softLockupJiffies = 20L * MachineConfig.HZ;
    private long hardLockupJiffies = 20L * MachineConfig.HZ;
    private long hungTaskJiffies = 120L * MachineConfig.HZ;
    private long hangJiffies = 60L * MachineConfig.HZ;

    Watchdog() {}

    /** A CPU in kernel mode that serves ticks but does not schedule for this long is a soft lockup. Default 20 s. */
    public Watchdog softLockup(long jiffies) {
        softLockupJiffies = checked(jiffies);
        return this;
    }

    /** A CPU that serves no tick for this long is a hard lockup. Default 20 s. */
    public Watchdog hardLockup(long jiffies) {
        hardLockupJiffies = checked(jiffies);
        return this;
    }

    /** A task in uninterruptible sleep, without a timer, for this long is hung. Default 120 s. */
    public Watchdog hungTask(long jiffies) {
        hungTaskJiffies = checked(jiffies);
        return this;
    }

    /** An emulated machine on which nothing but ticks happens for this long is hung. Default 60 s. */
    public Watchdog hang(long jiffies) {
        hangJiffies = checked(jiffies);
        return this;
    }

    /** Limit of {@link #softLockup}. */
    public long softLockupJiffies() {
        return softLockupJiffies;
    }

    /** Limit of {@link #hardLockup}. */
    public long hardLockupJiffies() {
        return hardLockupJiffies;
    }

    /** Limit of {@link #hungTask}. */
    public long hungTaskJiffies() {
        return hungTaskJiffies;
    }

    /** Limit of {@link #hang}. */
    public long hangJiffies() {
        return hangJiffies;
    }

    /** True if {@code elapsed} ticks exceed {@code limit} and the check is on. */
    public static boolean exceeded(long elapsed, long limit) {
        return limit != 0 && elapsed > limit;
    }

    private static long checked(long jiffies) {
        if (jiffies < 0) {
            throw new IllegalArgumentException("watchdog limit: " + jiffies + " (allowed: 0 or more ticks)");
        }
        return jiffies;
    }
}

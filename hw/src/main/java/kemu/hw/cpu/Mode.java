package kemu.hw.cpu;

/** What a CPU does, for time accounting and for RCU's tick: user code, kernel code, or idle. */
public final class Mode {
    /** Runs a task's user code. */
    public static final int USER = 0;
    /** Runs kernel code. */
    public static final int KERNEL = 1;
    /** Waits for work. */
    public static final int IDLE = 2;
    /** Number of modes. */
    public static final int COUNT = 3;

    private Mode() {}
}

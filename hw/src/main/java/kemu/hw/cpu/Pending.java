package kemu.hw.cpu;

/** What a suspended {@link EmuCpu} does when it runs again. */
public final class Pending {
    /** Not known: the CPU has not run yet. */
    public static final int NONE = 0;
    /** A marked load. */
    public static final int READ = 1;
    /** A marked store; with store buffers it becomes visible later, by a drain. */
    public static final int WRITE = 2;
    /** A read-modify-write. */
    public static final int RMW = 3;
    /** A fence. */
    public static final int FENCE = 4;
    /** A wait for a word, parked until the word has changed; then the load that sees it. */
    public static final int WAIT = 5;
    /** A round of a spin loop that names no word. */
    public static final int RELAX = 6;
    /** Idle until an interrupt. */
    public static final int IDLE = 7;
    /** A switch to another task has just happened; it goes on to its next access. */
    public static final int SWITCH = 8;

    private Pending() {}
}

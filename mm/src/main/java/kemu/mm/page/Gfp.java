package kemu.mm.page;

/** How an allocation may behave. Source: Linux 2.6.36 include/linux/gfp.h. */
public final class Gfp {
    /** May sleep and reclaim. */
    public static final int WAIT = 1;
    /** May dip into the emergency reserves. */
    public static final int HIGH = 2;
    /** May start I/O (swap out). */
    public static final int IO = 4;
    /** Fill with zero bytes. */
    public static final int ZERO = 8;
    /** Fail rather than invoke the OOM killer. */
    public static final int NORETRY = 16;
    /** Kernel allocation that may sleep. */
    public static final int KERNEL = WAIT | IO;
    /** User page: may sleep. */
    public static final int USER = WAIT | IO;
    /** May not sleep; may use the reserves. */
    public static final int ATOMIC = HIGH;
    /** May not sleep; may not use the reserves. */
    public static final int NOWAIT = 0;

    private Gfp() {}
}

package kemu.litmus.path;

/**
 * One access, fence or RCU operation of a process.
 *
 * @param kind access or fence
 * @param flags properties of an access, see the constants
 * @param address of an access, or of the srcu_struct; null for fences
 * @param value what a write stores, or what an srcu unlock hands back; null otherwise
 * @param read ordinal of a read or of an srcu lock, which returns something, among those of its process; else -1
 * @param addr reads the address depends on, a bit per ordinal
 * @param data reads the value depends on
 * @param ctrl reads that decided about being in the arm of a branch
 * @param partner for the two halves of a read-modify-write, index of the other in the process; else -1
 * @param line where in the file it comes from, 0 if not known
 */
public record MemoryEvent(
        Kind kind,
        int flags,
        Sym address,
        Sym value,
        int read,
        long addr,
        long data,
        long ctrl,
        int partner,
        int line) {
    /** What an event does. */
    public enum Kind {
        READ,
        WRITE,
        MB,
        RMB,
        WMB,
        BARRIER,
        BEFORE_ATOMIC,
        AFTER_ATOMIC,
        AFTER_SPINLOCK,
        AFTER_UNLOCK_LOCK,
        AFTER_SRCU_UNLOCK,
        RCU_LOCK,
        RCU_UNLOCK,
        SYNC_RCU,
        SRCU_LOCK,
        SRCU_UNLOCK,
        SYNC_SRCU
    }

    /** The compiler may do with it what it likes. */
    public static final int PLAIN = 1;
    /** Acquire. */
    public static final int ACQUIRE = 2;
    /** Release. */
    public static final int RELEASE = 4;
    /** Read of an atomic that returns nothing. */
    public static final int NORETURN = 8;
    /** Of an atomic, also of one that failed. */
    public static final int ATOMIC = 16;
    /** Read of a lock taken. */
    public static final int LOCK_READ = 32;
    /** Write of a lock taken. */
    public static final int LOCK_WRITE = 64;
    /** Write of a lock released. */
    public static final int UNLOCK = 128;
    /** Any other look at a lock. */
    public static final int LOCK_LOOK = 256;
    /** Of an SRCU reader that may end in another process: srcu_down_read, srcu_up_read. */
    public static final int PASSED_ON = 512;

    /** Whether all of {@code mask} is set. */
    public boolean has(int mask) {
        return (flags & mask) == mask;
    }

    /** Whether it touches memory. */
    public boolean isAccess() {
        return kind == Kind.READ || kind == Kind.WRITE;
    }

    MemoryEvent paired(int with) {
        return new MemoryEvent(kind, flags, address, value, read, addr, data, ctrl, with, line);
    }
}

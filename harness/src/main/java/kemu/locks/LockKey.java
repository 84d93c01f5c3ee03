package kemu.locks;

import kemu.hw.cpu.Event;
import kemu.hw.cpu.NativeCpu;
import kemu.kernel.locking.LockClass;

/**
 * What locks are counted by, in one number: the class and the kind that every lock has in memory, and whether it is
 * shared. Bit locks have no room for a class.
 */
public final class LockKey {
    /** A key is a number of so many bits. */
    public static final int BITS = 28;

    private static final int BIT_LOCK = LockClass.BIT << 24;

    private LockKey() {}

    /** The key of {@code lock}, which {@code cpu} takes, frees or has as {@code mode} of an {@link Event} says. */
    static int of(NativeCpu cpu, long lock, long mode) {
        int word = Event.kindOf(mode) == LockClass.BIT ? BIT_LOCK : cpu.read32(lock + LockClass.WORD_OFFSET);
        return (word & (1 << BITS - 1) - 1) << 1 | (isShared(mode) ? 1 : 0);
    }

    /** True if the lock of {@code mode} is shared with others. */
    static boolean isShared(long mode) {
        return (mode & Event.READ) != 0;
    }

    /** True if {@code key} is of locks that are waited for asleep. */
    public static boolean sleeps(int key) {
        return switch (LockClass.kindOf(key >>> 1)) {
            case LockClass.MUTEX, LockClass.RWSEM, LockClass.COMPLETION -> true;
            default -> false;
        };
    }

    /** Name of the class. */
    public static String className(int key) {
        return key >>> 1 == BIT_LOCK ? "bit lock" : LockClass.nameOf(key >>> 1);
    }

    /** Kind of lock, in one word. */
    public static String kind(int key) {
        return switch (LockClass.kindOf(key >>> 1)) {
            case LockClass.SPIN -> "spinlock";
            case LockClass.MUTEX -> "mutex";
            case LockClass.RWSEM -> "rwsem";
            case LockClass.BIT -> "bit";
            default -> "other";
        };
    }

    /** How it is taken: {@code read}, {@code write}, or {@code own} where there is but one way. */
    public static String mode(int key) {
        if (LockClass.kindOf(key >>> 1) != LockClass.RWSEM) {
            return "own";
        }
        return (key & 1) != 0 ? "read" : "write";
    }
}

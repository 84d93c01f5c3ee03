package kemu.kernel.locking;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.machine.Area;
import kemu.hw.machine.Machine;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.hw.order.Barriers;
import kemu.hw.shadow.NamedByCaller;
import kemu.kernel.context.Preempt;
import kemu.kernel.context.Task;

/**
 * bit_spin_lock: one bit of a 64-bit word as a lock. It has no room for a class or a holder; reports name the word by
 * its symbol. Taking it disables preemption.
 *
 * <p>Ordering: lock is an acquire, unlock a release.
 */
@NamedByCaller
public final class BitLock {
    private static final int LOCK = Barriers.acquire("bitlock.LOCK");
    private static final int UNLOCK = Barriers.release("bitlock.UNLOCK");
    /** Marks the address of a bit lock in {@link Task#BLOCKED_ON}: words are aligned, so their low bits are free. */
    private static final long TAG = 1;

    private BitLock() {}

    /** bit_spin_lock: takes bit {@code bit} of {@code word}, spinning as long as it must. */
    public static void lock(Cpu cpu, long word, int bit) {
        Preempt.disable(cpu);
        long mask = 1L << bit;
        cpu.tell(Event.LOCK_WANTED, word, LockClass.BIT);
        if ((cpu.fetchOr64(word, mask, LOCK) & mask) != 0) {
            lockSlow(cpu, word, mask);
        }
        cpu.tell(Event.LOCKED, word, LockClass.BIT);
    }

    private static void lockSlow(Cpu cpu, long word, long mask) {
        long task = Area.CURRENT.get(cpu, cpu.area());
        long outer = Task.BLOCKED_ON.get(cpu, task);
        Task.BLOCKED_ON.writeOnce(cpu, task, blockedOn(word));
        // Ends when an exchange finds the bit clear; the watchdog reports a CPU that waits too long.
        do {
            cpu.condLoadEq64(word, mask, 0, LOCK);
        } while ((cpu.fetchOr64(word, mask, LOCK) & mask) != 0);
        Task.BLOCKED_ON.writeOnce(cpu, task, outer);
    }

    /** bit_spin_trylock: takes the bit if it is clear, else leaves everything as it was. */
    public static boolean tryLock(Cpu cpu, long word, int bit) {
        Preempt.disable(cpu);
        long mask = 1L << bit;
        if ((cpu.fetchOr64(word, mask, LOCK) & mask) == 0) {
            cpu.tell(Event.LOCKED, word, LockClass.BIT | Event.TRY);
            return true;
        }
        Preempt.enable(cpu);
        return false;
    }

    /** bit_spin_unlock: clears the bit, which must be set, and enables preemption. */
    public static void unlock(Cpu cpu, long word, int bit) {
        cpu.tell(Event.UNLOCKING, word, LockClass.BIT);
        long mask = 1L << bit;
        if ((cpu.fetchAnd64(word, ~mask, UNLOCK) & mask) == 0) {
            throw new KernelBug(
                    FailureKind.BAD_UNLOCK,
                    "BUG: bit_spin_unlock of a clear bit " + bit + " on CPU#" + cpu.id() + ", pid "
                            + Area.CURRENT_PID.get(cpu, cpu.area()) + "; word 0x" + Long.toHexString(word) + " ("
                            + Machine.of(cpu).memory().symbols().nameOf(word) + ")");
        }
        Preempt.enable(cpu);
    }

    /** bit_spin_is_locked. Unordered. */
    public static boolean isLocked(Cpu cpu, long word, int bit) {
        return (cpu.readOnce64(word) & 1L << bit) != 0;
    }

    /** The value of {@link Task#BLOCKED_ON} that says: waits for a bit of {@code word}. */
    public static long blockedOn(long word) {
        return word | TAG;
    }

    /** True if {@code blockedOn}, a value of {@link Task#BLOCKED_ON}, is a bit lock. */
    public static boolean isTagged(long blockedOn) {
        return (blockedOn & TAG) != 0;
    }

    /** Address and contents of the word that {@code blockedOn} marks, for reports. */
    public static String describe(Cpu cpu, long blockedOn) {
        long word = blockedOn & ~TAG;
        return "0x" + Long.toHexString(word) + " (word 0x" + Long.toHexString(cpu.readOnce64(word)) + ")";
    }
}

package kemu.kernel.task;

import java.util.Arrays;
import kemu.hw.cpu.Event;
import kemu.hw.cpu.NativeCpu;
import kemu.hw.cpu.NativeWitness;
import kemu.kernel.locking.LockClass;

/**
 * The spinlocks that one CPU has taken and not released, in the order in which it took them: all that a machine without
 * other instruments can afford, and enough to know a wrong unlock for what it is. Who holds a spinlock is not preempted
 * and tasks stay on their CPU, so a lock is released by the CPU that took it. Written by that CPU's thread only.
 */
final class HeldSpinLocks extends NativeWitness {
    private final WrongUnlocks wrongUnlocks;
    private long[] locks = new long[16];
    private int count;

    /** Of one CPU; tells {@code wrongUnlocks} when it releases what it has not taken. */
    HeldSpinLocks(WrongUnlocks wrongUnlocks) {
        this.wrongUnlocks = wrongUnlocks;
    }

    @Override
    public void told(NativeCpu cpu, int event, long lock, long mode) {
        if (event == Event.LOCKED && Event.kindOf(mode) == LockClass.SPIN) {
            locked(lock);
        } else if (event == Event.UNLOCKING && Event.kindOf(mode) == LockClass.SPIN && !unlocking(lock)) {
            wrongUnlocks.note(cpu, lock, held());
        }
    }

    /** The CPU has taken {@code lock}. */
    private void locked(long lock) {
        if (count == locks.length) {
            locks = Arrays.copyOf(locks, 2 * count);
        }
        locks[count++] = lock;
    }

    /** The CPU is about to release {@code lock}; false if it has not taken it. */
    private boolean unlocking(long lock) {
        int last = count - 1;
        if (last >= 0 && locks[last] == lock) {
            count = last;
            return true;
        }
        return outOfOrder(lock);
    }

    private boolean outOfOrder(long lock) {
        for (int i = count - 2; i >= 0; i--) {
            if (locks[i] == lock) {
                System.arraycopy(locks, i + 1, locks, i, count - 1 - i);
                count--;
                return true;
            }
        }
        return false;
    }

    /** True if {@code lock} is among them. Own CPU, or a machine at rest. */
    boolean holds(long lock) {
        for (int i = 0; i < count; i++) {
            if (locks[i] == lock) {
                return true;
            }
        }
        return false;
    }

    /** Those held about now: taken and released meanwhile. Any thread. */
    long[] glimpse() {
        long[] now = locks;
        return Arrays.copyOf(now, Math.min(count, now.length));
    }

    /** Those held now, innermost last. Own CPU, or a machine at rest. */
    private long[] held() {
        return Arrays.copyOf(locks, count);
    }
}

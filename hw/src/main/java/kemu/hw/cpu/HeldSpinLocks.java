package kemu.hw.cpu;

import java.util.Arrays;

/**
 * The spinlocks that one CPU has taken and not released, in the order in which it took them: all that a machine without
 * other instruments can afford, and enough to know a wrong unlock for what it is. Who holds a spinlock is not preempted
 * and tasks stay on their CPU, so a lock is released by the CPU that took it. Written by that CPU's thread only.
 */
final class HeldSpinLocks {
    private long[] locks = new long[16];
    private int count;

    /** The CPU has taken {@code lock}. */
    void locked(long lock) {
        if (count == locks.length) {
            locks = Arrays.copyOf(locks, 2 * count);
        }
        locks[count++] = lock;
    }

    /** The CPU is about to release {@code lock}; false if it has not taken it. */
    boolean unlocking(long lock) {
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

    /** Those held now, innermost last. Own CPU, or a machine at rest. */
    long[] held() {
        return Arrays.copyOf(locks, count);
    }
}

package kemu.mm.vma.lookup;

import kemu.hw.cpu.Cpu;
import kemu.hw.order.Barriers;

/**
 * How the number of an mm, whose count up unlocks all VMAs that a writer has locked, is written and read. A fault that
 * sees a VMA unlocked must see what the writer did to it: nothing but this number orders the two, since the writer has
 * let go of the VMA's rw_semaphore before it changes the VMA. The methods are right; who leaves an order out overrides.
 */
interface LockSeqOrder {
    /**
     * What a writer did to its VMAs is in sight of those who see them unlocked; pairs with {@link #SEEN_UNLOCKED}.
     * Forbidden: a fault sees the VMA unlocked and what it was before. Source: Linux b1f02b95758d.
     */
    int UNLOCK_ALL = Barriers.release("vma_lock.UNLOCK_ALL");
    /** Pairs with {@link #UNLOCK_ALL}. */
    int SEEN_UNLOCKED = Barriers.acquire("vma_lock.SEEN_UNLOCKED");

    /** vma_end_write_all: stores the number that unlocks all. */
    default void unlockAll(Cpu cpu, long seq, int value) {
        cpu.storeRelease32(seq, value, UNLOCK_ALL);
    }

    /** The number, as the fault sees it before it tries the VMA's lock. */
    default int early(Cpu cpu, long seq) {
        return cpu.readOnce32(seq);
    }

    /** The same, with the lock shared: no writer can mark the VMA any more. */
    default int locked(Cpu cpu, long seq) {
        return cpu.loadAcquire32(seq, SEEN_UNLOCKED);
    }

    /** Store with release, second load with acquire. Source: Linux 6.4.8. */
    final class ReleaseAcquire implements LockSeqOrder {}

    /** No order at all. Source: Linux 6.4.0 to 6.4.7. Convicted by {@code vma-lock-seq}. */
    final class Unordered extends AcquireOnly {
        @Override
        public int locked(Cpu cpu, long seq) {
            return cpu.readOnce32(seq);
        }
    }

    /** Only the writer orders: the fault may have read the VMA before the number. A mutant, as above. */
    class ReleaseOnly implements LockSeqOrder {
        @Override
        public int locked(Cpu cpu, long seq) {
            return cpu.readOnce32(seq);
        }
    }

    /** Only the fault orders: the number may be in sight before what it stands for. A mutant, as above. */
    class AcquireOnly implements LockSeqOrder {
        @Override
        public void unlockAll(Cpu cpu, long seq, int value) {
            cpu.writeOnce32(seq, value);
        }
    }

    /** The fault orders at its first look, and a writer may begin after that. A mutant, as above. */
    final class EarlyAcquire extends ReleaseOnly {
        @Override
        public int early(Cpu cpu, long seq) {
            return cpu.loadAcquire32(seq, SEEN_UNLOCKED);
        }
    }
}

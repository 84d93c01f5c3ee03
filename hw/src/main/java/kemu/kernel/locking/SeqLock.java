package kemu.kernel.locking;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Embedded;
import kemu.hw.layout.Ref;
import kemu.hw.layout.StructLayout;

/**
 * {@code seqlock_t}: a {@link SeqCount} with the spinlock of its writers. Writers never wait for readers; readers try
 * again.
 *
 * <p>Ordering: as {@link SeqCount}; a writer also acquires and releases the spinlock.
 */
public final class SeqLock {
    private static final StructLayout.Builder S = StructLayout.struct("seqlock");
    /** Excludes other writers; it is first, so reports find class and holder at the lock's own address. */
    public static final Embedded LOCK = S.embed("lock", SpinLock.LAYOUT);
    /** What readers look at. */
    public static final Embedded COUNT = S.embed("count", SeqCount.LAYOUT);
    /** Size and members. */
    public static final StructLayout LAYOUT = S.build(8);

    private SeqLock() {}

    /** seqlock_init: free, of {@code lockClass}. */
    public static void init(Cpu cpu, @Ref(SeqLock.class) long lock, LockClass lockClass) {
        SpinLock.init(cpu, LOCK.of(lock), lockClass);
        SeqCount.init(cpu, COUNT.of(lock), lockClass);
    }

    /** read_seqbegin. */
    public static int readBegin(Cpu cpu, @Ref(SeqLock.class) long lock) {
        return SeqCount.readBegin(cpu, COUNT.of(lock));
    }

    /** read_seqretry: true if a writer was there since {@code begin}. */
    public static boolean readRetry(Cpu cpu, @Ref(SeqLock.class) long lock, int begin) {
        return SeqCount.readRetry(cpu, COUNT.of(lock), begin);
    }

    /** write_seqlock: disables preemption. */
    public static void writeLock(Cpu cpu, @Ref(SeqLock.class) long lock) {
        SpinLock.lock(cpu, LOCK.of(lock));
        SeqCount.writeBegin(cpu, COUNT.of(lock));
    }

    /** write_tryseqlock: false if another writer writes. */
    public static boolean tryWriteLock(Cpu cpu, @Ref(SeqLock.class) long lock) {
        if (!SpinLock.tryLock(cpu, LOCK.of(lock))) {
            return false;
        }
        SeqCount.writeBegin(cpu, COUNT.of(lock));
        return true;
    }

    /** write_sequnlock. */
    public static void writeUnlock(Cpu cpu, @Ref(SeqLock.class) long lock) {
        SeqCount.writeEnd(cpu, COUNT.of(lock));
        SpinLock.unlock(cpu, LOCK.of(lock));
    }

    /** True if a writer writes. Unordered. */
    public static boolean isWriteLocked(Cpu cpu, @Ref(SeqLock.class) long lock) {
        return SpinLock.isLocked(cpu, LOCK.of(lock));
    }
}

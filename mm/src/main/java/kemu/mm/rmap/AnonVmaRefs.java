package kemu.mm.rmap;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.RwSem;
import kemu.mm.page.Gfp;
import kemu.mm.slab.KmemCache;
import kemu.mm.slab.SlabAllocator;
import kemu.mm.types.AnonVma;

/**
 * The anon_vmas themselves and their references, below the strategy that locks them: a strategy pins and puts, and is
 * asked before a slot is freed ({@link AnonVmaLocking#beforeFree}).
 *
 * <p>At 0 references the slot is free, and may be another anon_vma before the freeing function returns. Source: Linux
 * 2.6.39 mm/rmap.c; the order of the last two puts as in 3.16.
 */
public final class AnonVmaRefs {
    private static final LockClass LOCK = LockClass.of("anon_vma->lock");
    private static final LockClass RWSEM = LockClass.of("anon_vma->rwsem");

    private final KmemCache cache;
    private final AnonVmaLife life;
    private final AnonVmaIndex index;
    private AnonVmaLocking locking;

    /**
     * Makes the cache. Boot only.
     *
     * @param afterGracePeriod whether a freed slot is handed out again only after a grace period
     */
    public AnonVmaRefs(Cpu boot, SlabAllocator slabs, boolean afterGracePeriod, AnonVmaLife life, AnonVmaIndex index) {
        this.life = life;
        this.index = index;
        cache = slabs.create(
                boot,
                "anon_vma",
                AnonVma.LAYOUT.sizeBytes(),
                64,
                life.cacheFlags() | SlabAllocator.SLAB_PANIC | (afterGracePeriod ? SlabAllocator.SLAB_OBJECT_RCU : 0),
                this::construct);
    }

    /** Once per slab page, never on reuse; leaves the root alone. */
    private void construct(Cpu cpu, long anonVma) {
        SpinLock.init(cpu, AnonVma.LOCK.of(anonVma), LOCK);
        RwSem.init(cpu, AnonVma.RWSEM.of(anonVma), RWSEM);
        AnonVma.REFCOUNT.writeOnce(cpu, anonVma, 0);
        index.init(cpu, anonVma);
    }

    /** Sets whom to ask before a slot is freed. Boot only. */
    void lockedBy(AnonVmaLocking strategy) {
        locking = strategy;
    }

    /** How anon_vmas find their VMAs. */
    AnonVmaIndex index() {
        return index;
    }

    /** The cache of anon_vmas. */
    public KmemCache cache() {
        return cache;
    }

    /** anon_vma_alloc: a slot with one reference whose root is that of its last life, or NULL. Context: may sleep. */
    @Ref(AnonVma.class)
    long alloc(Cpu cpu) {
        long anonVma = cache.alloc(cpu, Gfp.KERNEL);
        if (anonVma != Cpu.NULL) {
            AnonVma.REFCOUNT.writeOnce(cpu, anonVma, 1);
        }
        return anonVma;
    }

    /** get_anon_vma: one more reference; the caller already has one, or the lock of a non-empty list. */
    public void get(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        AnonVma.REFCOUNT.add(cpu, anonVma, 1);
    }

    /** atomic_inc_not_zero: raises the count of {@code anonVma} unless that is 0, which means it is free. */
    public static boolean getUnlessZero(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        int seen = AnonVma.REFCOUNT.readOnce(cpu, anonVma);
        // Ends: a failed exchange means another CPU's succeeded.
        while (seen != 0) {
            int old = cpu.cmpxchg32(AnonVma.REFCOUNT.of(anonVma), seen, seen + 1, RmapBarriers.PIN);
            if (old == seen) {
                return true;
            }
            seen = old;
        }
        return false;
    }

    /** put_anon_vma: drops a reference; the last one frees. Context: may sleep with some strategies, no lock held. */
    public void put(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        int old = cpu.fetchAdd32(AnonVma.REFCOUNT.of(anonVma), -1, RmapBarriers.PUT_LAST_REF);
        if (old == 1) {
            release(cpu, anonVma);
        } else if (old < 1) {
            throw new KernelBug(
                    FailureKind.RMAP_I8,
                    "BUG: put of a free anon_vma 0x" + Long.toHexString(anonVma) + ", refcount " + old);
        }
    }

    /** __put_anon_vma: frees an anon_vma whose count is 0. Context: may sleep with some strategies, no lock held. */
    public void release(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        life.release(cpu, this, anonVma);
    }

    /** Drops the reference that a child had on its root; the last one frees the root. For lives of anon_vmas. */
    public void dropRoot(Cpu cpu, @Ref(AnonVma.class) long root) {
        if (cpu.fetchAdd32(AnonVma.REFCOUNT.of(root), -1, RmapBarriers.PUT_LAST_REF) == 1) {
            free(cpu, root);
        }
    }

    /** anon_vma_free: gives the slot back, whose count is 0. For lives of anon_vmas. */
    public void free(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        locking.beforeFree(cpu, anonVma);
        cache.free(cpu, anonVma);
    }
}

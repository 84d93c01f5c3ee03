package kemu.mm.rmap.lock;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.task.RwSem;
import kemu.mm.Kernel;
import kemu.mm.page.Page;
import kemu.mm.rmap.AnonVma;
import kemu.mm.rmap.AnonVmaLocking;
import kemu.mm.rmap.RmapBarriers;
import kemu.rcu.Rcu;

/**
 * The lookup of 3.8: walkers share a sleeping lock in the root. A free root is taken with a trylock under RCU, which
 * keeps the anon_vma because freeing it waits for a locked root; a contended one is slept on with the anon_vma pinned
 * by its reference count. Every put happens after the RCU section, since it may sleep.
 *
 * <p>Source: Linux 3.8 mm/rmap.c, page_lock_anon_vma_read(), anon_vma_free(); the order of the last puts as in 3.16.
 */
final class RootRwSemLocking implements AnonVmaLocking {
    static final String NAME = "root-rwsem";

    private final Kernel kernel;
    private final Rcu rcu;

    RootRwSemLocking(Kernel kernel) {
        this.kernel = kernel;
        rcu = kernel.rcu();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean maySleep() {
        return true;
    }

    @Override
    public @Ref(AnonVma.class) long pageLockAnonVma(Cpu cpu, @Ref(Page.class) long page) {
        rcu.readLock(cpu);
        long anonVma = RootSpinLocks.anonVmaOfMapped(cpu, page);
        if (anonVma == Cpu.NULL) {
            rcu.readUnlock(cpu);
            return Cpu.NULL;
        }
        long root = AnonVma.ROOT.readOnce(cpu, anonVma);
        if (RwSem.tryDownRead(cpu, AnonVma.RWSEM.of(root))) {
            cpu.smpMbAfterAtomic(RmapBarriers.LOCK_ROOT_VS_FREE);
            boolean mapped = Page.isMapped(cpu, page);
            if (!mapped) {
                RwSem.upRead(cpu, AnonVma.RWSEM.of(root));
            }
            rcu.readUnlock(cpu);
            return mapped ? anonVma : Cpu.NULL;
        }
        return lockSlow(cpu, page, anonVma);
    }

    private long lockSlow(Cpu cpu, long page, long anonVma) {
        // Pins before it sleeps, then looks again: RmapBarriers.PIN
        if (!pinUnlessFree(cpu, anonVma)) {
            rcu.readUnlock(cpu);
            return Cpu.NULL;
        }
        boolean mapped = Page.isMapped(cpu, page);
        rcu.readUnlock(cpu);
        if (!mapped) {
            kernel.anonVmas().put(cpu, anonVma);
            return Cpu.NULL;
        }
        RwSem.downRead(cpu, AnonVma.RWSEM.of(AnonVma.ROOT.readOnce(cpu, anonVma)));
        if (cpu.fetchAdd32(AnonVma.REFCOUNT.of(anonVma), -1, RmapBarriers.PUT_LAST_REF) == 1) {
            // Ours was the last pin: all VMAs are gone. Not under the lock, which freeing takes.
            RwSem.upRead(cpu, AnonVma.RWSEM.of(AnonVma.ROOT.readOnce(cpu, anonVma)));
            kernel.anonVmas().release(cpu, anonVma);
            return Cpu.NULL;
        }
        return anonVma;
    }

    private static boolean pinUnlessFree(Cpu cpu, long anonVma) {
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

    @Override
    public void pageUnlockAnonVma(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        RwSem.upRead(cpu, AnonVma.RWSEM.of(AnonVma.ROOT.readOnce(cpu, anonVma)));
    }

    @Override
    public void lock(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        RwSem.downWrite(cpu, AnonVma.RWSEM.of(AnonVma.ROOT.readOnce(cpu, anonVma)));
    }

    @Override
    public void unlock(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        RwSem.upWrite(cpu, AnonVma.RWSEM.of(AnonVma.ROOT.readOnce(cpu, anonVma)));
    }

    @Override
    public boolean isLocked(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        return RwSem.isLocked(cpu, AnonVma.RWSEM.of(anonVma));
    }

    /** Waits for lookers that locked the root before the last reference went and believe the anon_vma to be theirs. */
    @Override
    public void beforeFree(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        long root = AnonVma.ROOT.readOnce(cpu, anonVma);
        if (RwSem.isLocked(cpu, AnonVma.RWSEM.of(root))) {
            RwSem.downWrite(cpu, AnonVma.RWSEM.of(root));
            RwSem.upWrite(cpu, AnonVma.RWSEM.of(root));
        }
    }
}

package kemu.mm.rmap.lock;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.kernel.task.RwSem;
import kemu.mm.page.Page;
import kemu.mm.rmap.AnonVmaLocking;
import kemu.mm.rmap.AnonVmaRefs;
import kemu.mm.rmap.AnonVmaServices;
import kemu.mm.rmap.RmapBarriers;
import kemu.mm.types.AnonVma;
import kemu.rcu.Rcu;

/**
 * The lookup of 3.8: walkers share a sleeping lock in the root. A free root is taken with a trylock under RCU, which
 * keeps the anon_vma because freeing it waits for a locked root; a contended one is slept on with the anon_vma pinned
 * by its reference count. Every put happens after the RCU section, since it may sleep.
 *
 * <p>{@link #revalidating} looks at the page's mapping again under the lock and starts over if it changed, since 6.8
 * can move a page to the tree of another root while it is mapped.
 *
 * <p>Source: Linux 3.8 mm/rmap.c, page_lock_anon_vma_read(), anon_vma_free(); the order of the last puts as in 3.16;
 * 6.8 mm/rmap.c, folio_lock_anon_vma_read().
 */
final class RootRwSemLocking implements AnonVmaLocking {
    static final String NAME = "root-rwsem";
    static final String REVALIDATE = "root-rwsem-revalidate";

    /** What {@link #tryOnce} returns if the page has moved to another anon_vma meanwhile. */
    private static final long MOVED = -1;

    private final AnonVmaRefs refs;
    private final Rcu rcu;
    private final boolean revalidate;

    private RootRwSemLocking(AnonVmaServices services, boolean revalidate) {
        refs = services.refs();
        this.revalidate = revalidate;
        rcu = services.rcu();
    }

    static RootRwSemLocking plain(AnonVmaServices services) {
        return new RootRwSemLocking(services, false);
    }

    static RootRwSemLocking revalidating(AnonVmaServices services) {
        return new RootRwSemLocking(services, true);
    }

    @Override
    public String name() {
        return revalidate ? REVALIDATE : NAME;
    }

    @Override
    public boolean maySleep() {
        return true;
    }

    @Override
    public @Ref(AnonVma.class) long pageLockAnonVma(Cpu cpu, @Ref(Page.class) long page) {
        long found = tryOnce(cpu, page);
        // Ends: every round but the last means that somebody moved the page to another anon_vma.
        while (found == MOVED) {
            found = tryOnce(cpu, page);
        }
        return found;
    }

    private long tryOnce(Cpu cpu, long page) {
        rcu.readLock(cpu);
        long anonVma = RootSpinLocks.anonVmaOfMapped(cpu, page);
        if (anonVma == Cpu.NULL) {
            rcu.readUnlock(cpu);
            return Cpu.NULL;
        }
        long root = AnonVma.ROOT.readOnce(cpu, anonVma);
        if (RwSem.tryDownRead(cpu, AnonVma.RWSEM.of(root))) {
            cpu.smpMbAfterAtomic(RmapBarriers.LOCK_ROOT_VS_FREE);
            long found = moved(cpu, page, anonVma) ? MOVED : Page.isMapped(cpu, page) ? anonVma : Cpu.NULL;
            if (found != anonVma) {
                RwSem.upRead(cpu, AnonVma.RWSEM.of(root));
            }
            rcu.readUnlock(cpu);
            return found;
        }
        return lockSlow(cpu, page, anonVma);
    }

    private boolean moved(Cpu cpu, long page, long anonVma) {
        return revalidate && Page.MAPPING.readOnce(cpu, page) != anonVma + Page.MAPPING_ANON;
    }

    private long lockSlow(Cpu cpu, long page, long anonVma) {
        // Pins before it sleeps, then looks again: RmapBarriers.PIN
        if (!AnonVmaRefs.getUnlessZero(cpu, anonVma)) {
            rcu.readUnlock(cpu);
            return Cpu.NULL;
        }
        boolean mapped = Page.isMapped(cpu, page);
        rcu.readUnlock(cpu);
        if (!mapped) {
            refs.put(cpu, anonVma);
            return Cpu.NULL;
        }
        long lock = AnonVma.RWSEM.of(AnonVma.ROOT.readOnce(cpu, anonVma));
        RwSem.downRead(cpu, lock);
        if (moved(cpu, page, anonVma)) {
            RwSem.upRead(cpu, lock);
            refs.put(cpu, anonVma);
            return MOVED;
        }
        if (cpu.fetchAdd32(AnonVma.REFCOUNT.of(anonVma), -1, RmapBarriers.PUT_LAST_REF) == 1) {
            // Ours was the last pin: all VMAs are gone. Not under the lock, which freeing takes.
            RwSem.upRead(cpu, lock);
            refs.release(cpu, anonVma);
            return Cpu.NULL;
        }
        return anonVma;
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

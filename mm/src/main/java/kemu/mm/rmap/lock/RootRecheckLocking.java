package kemu.mm.rmap.lock;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.kernel.locking.SpinLock;
import kemu.mm.page.Page;
import kemu.mm.rmap.AnonVmaLocking;
import kemu.mm.rmap.AnonVmaServices;
import kemu.mm.types.AnonVma;
import kemu.rcu.Rcu;

/**
 * The lookup of 2.6.36: the root is read once and remembered; a page still mapped once that root is locked proves that
 * the anon_vma has VMAs and cannot be freed, so its root is frozen until the unlock. A page no longer mapped proves
 * nothing, so the remembered lock is released.
 *
 * <p>Source: Linux 2.6.36-rc3 mm/rmap.c, page_lock_anon_vma().
 */
class RootRecheckLocking implements AnonVmaLocking {
    static final String NAME = "root-recheck";

    final Rcu rcu;

    RootRecheckLocking(AnonVmaServices services) {
        rcu = services.rcu();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean maySleep() {
        return false;
    }

    @Override
    public @Ref(AnonVma.class) long pageLockAnonVma(Cpu cpu, @Ref(Page.class) long page) {
        rcu.readLock(cpu);
        long anonVma = RootSpinLocks.anonVmaOfMapped(cpu, page);
        if (anonVma != Cpu.NULL) {
            long root = AnonVma.ROOT.readOnce(cpu, anonVma);
            // Acquire of the lock: what its last holder did, unlinking and unmapping included, is seen by the test.
            SpinLock.lock(cpu, AnonVma.LOCK.of(root));
            // RmapBarriers.MAPCOUNT_DROP
            if (Page.isMapped(cpu, page)) {
                return anonVma;
            }
            SpinLock.unlock(cpu, AnonVma.LOCK.of(root));
        }
        rcu.readUnlock(cpu);
        return Cpu.NULL;
    }

    @Override
    public void pageUnlockAnonVma(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        RootSpinLocks.unlock(cpu, anonVma);
        rcu.readUnlock(cpu);
    }

    @Override
    public void lock(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        RootSpinLocks.lock(cpu, anonVma);
    }

    @Override
    public void unlock(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        RootSpinLocks.unlock(cpu, anonVma);
    }

    @Override
    public boolean isLocked(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        return SpinLock.isLocked(cpu, AnonVma.LOCK.of(anonVma));
    }

    @Override
    public void beforeFree(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        // A looker that still wants the lock takes it in the reused slot, sees the page unmapped and lets go.
    }
}

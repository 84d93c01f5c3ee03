package kemu.mm.rmap.lock;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.kernel.task.RwSem;
import kemu.mm.page.Page;
import kemu.mm.rmap.AnonVmaLocking;
import kemu.mm.rmap.AnonVmaServices;
import kemu.mm.rmap.RmapBarriers;
import kemu.mm.types.AnonVma;
import kemu.rcu.Rcu;

/**
 * The lookup that reclaim uses where it does not want to wait: if the root is locked for writing, it gives up, and the
 * page is tried another time. All else is as {@link RootRwSemLocking}.
 *
 * <p>Source: Linux 5.19 mm/rmap.c, folio_lock_anon_vma_read() with rmap_walk_control.try_lock.
 */
final class RootTryLocking implements AnonVmaLocking {
    static final String NAME = "root-rwsem-try";

    private final Rcu rcu;
    private final RootRwSemLocking rest;

    RootTryLocking(AnonVmaServices services) {
        rcu = services.rcu();
        rest = RootRwSemLocking.plain(services);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean maySleep() {
        return rest.maySleep();
    }

    @Override
    public @Ref(AnonVma.class) long pageLockAnonVma(Cpu cpu, @Ref(Page.class) long page) {
        rcu.readLock(cpu);
        long anonVma = RootSpinLocks.anonVmaOfMapped(cpu, page);
        if (anonVma != Cpu.NULL) {
            long rwsem = AnonVma.RWSEM.of(AnonVma.ROOT.readOnce(cpu, anonVma));
            if (!RwSem.tryDownRead(cpu, rwsem)) {
                anonVma = Cpu.NULL;
            } else {
                cpu.smpMbAfterAtomic(RmapBarriers.LOCK_ROOT_VS_FREE);
                if (!Page.isMapped(cpu, page)) {
                    RwSem.upRead(cpu, rwsem);
                    anonVma = Cpu.NULL;
                }
            }
        }
        rcu.readUnlock(cpu);
        return anonVma;
    }

    @Override
    public void pageUnlockAnonVma(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        rest.pageUnlockAnonVma(cpu, anonVma);
    }

    @Override
    public void lock(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        rest.lock(cpu, anonVma);
    }

    @Override
    public void unlock(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        rest.unlock(cpu, anonVma);
    }

    @Override
    public boolean isLocked(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        return rest.isLocked(cpu, anonVma);
    }

    @Override
    public void beforeFree(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        rest.beforeFree(cpu, anonVma);
    }
}

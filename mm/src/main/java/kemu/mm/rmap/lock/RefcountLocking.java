package kemu.mm.rmap.lock;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.kernel.task.RwSem;
import kemu.mm.page.Page;
import kemu.mm.rmap.AnonVmaLocking;
import kemu.mm.rmap.AnonVmaRefs;
import kemu.mm.rmap.AnonVmaServices;
import kemu.mm.types.AnonVma;
import kemu.rcu.Rcu;

/**
 * A lookup that pins the anon_vma by its reference count before anything else, then looks whether the page is still
 * mapped, leaves the RCU section and sleeps on the root's lock. The pin keeps the anon_vma, its root and the root's
 * lock until the unlock, which drops it: two atomics per walk.
 *
 * <p>Source: Peter Zijlstra's series of November 2010, mm/rmap.c page_get_anon_vma(), merged for 2.6.39 and 3.0. The
 * lock there is a mutex; here the root's rwsem is taken for writing.
 */
final class RefcountLocking implements AnonVmaLocking {
    static final String NAME = "refcount";

    private final AnonVmaRefs refs;
    private final Rcu rcu;

    RefcountLocking(AnonVmaServices services) {
        refs = services.refs();
        rcu = services.rcu();
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
        boolean pinned = anonVma != Cpu.NULL && AnonVmaRefs.getUnlessZero(cpu, anonVma);
        // RmapBarriers.PIN orders the pin before this look.
        boolean mapped = pinned && Page.isMapped(cpu, page);
        rcu.readUnlock(cpu);
        if (mapped) {
            lock(cpu, anonVma);
            return anonVma;
        }
        if (pinned) {
            refs.put(cpu, anonVma);
        }
        return Cpu.NULL;
    }

    @Override
    public void pageUnlockAnonVma(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        unlock(cpu, anonVma);
        refs.put(cpu, anonVma);
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

    @Override
    public void beforeFree(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        // Whoever wants the lock has a reference, so nobody does.
    }
}

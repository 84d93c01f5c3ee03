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
 * {@link RootRecheckLocking} as a compiler may turn it without the ACCESS_ONCE of 2.6.36-rc3 (f18194275c39): the root
 * is read again where the lookup gives up. <b>Known bad:</b> the root read then is that of the slot's next life, and
 * its lock is released; rmap-hang-ctl convicts it.
 */
final class RootReadTwiceLocking implements AnonVmaLocking {
    static final String NAME = "root-read-twice";

    private final Rcu rcu;
    private final RootRecheckLocking rest;

    RootReadTwiceLocking(AnonVmaServices services) {
        rcu = services.rcu();
        rest = new RootRecheckLocking(services);
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
            long root = AnonVma.ROOT.readOnce(cpu, anonVma);
            SpinLock.lock(cpu, AnonVma.LOCK.of(root));
            if (Page.isMapped(cpu, page)) {
                return anonVma;
            }
            SpinLock.unlock(cpu, AnonVma.LOCK.of(AnonVma.ROOT.readOnce(cpu, anonVma)));
        }
        rcu.readUnlock(cpu);
        return Cpu.NULL;
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

package kemu.mm.rmap.lock;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.kernel.locking.SpinLock;
import kemu.mm.page.Page;
import kemu.mm.rmap.AnonVmaServices;
import kemu.mm.types.AnonVma;

/**
 * {@link RootRecheckLocking} as a compiler may turn it without the ACCESS_ONCE of 2.6.36-rc3 (f18194275c39): the root
 * is read again where the lookup gives up. <b>Known bad:</b> the root read then is that of the slot's next life, and
 * its lock is released; rmap-hang-ctl convicts it.
 */
final class RootReadTwiceLocking extends RootRecheckLocking {
    static final String NAME = "root-read-twice";

    RootReadTwiceLocking(AnonVmaServices services) {
        super(services);
    }

    @Override
    public String name() {
        return NAME;
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
}

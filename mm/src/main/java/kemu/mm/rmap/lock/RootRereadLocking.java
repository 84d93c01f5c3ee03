package kemu.mm.rmap.lock;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.sync.SpinLock;
import kemu.mm.Kernel;
import kemu.mm.page.Page;
import kemu.mm.rmap.AnonVma;
import kemu.mm.rmap.AnonVmaLocking;
import kemu.rcu.Rcu;

/**
 * The lookup of 2.6.36-rc1 and -rc2. <b>Known bad:</b> nothing is checked once the root is locked, so the anon_vma may
 * have been freed and reused under another root meanwhile; the unlock, which reads the root again, then releases a lock
 * that was never taken and leaves the taken one locked for ever. Kept to be convicted.
 *
 * <p>Source: Linux 2.6.36-rc2 mm/rmap.c, page_lock_anon_vma() and page_unlock_anon_vma().
 */
final class RootRereadLocking implements AnonVmaLocking {
    static final String NAME = "root-reread";

    private final Rcu rcu;

    RootRereadLocking(Kernel kernel) {
        rcu = kernel.rcu();
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
        if (anonVma == Cpu.NULL) {
            rcu.readUnlock(cpu);
            return Cpu.NULL;
        }
        RootSpinLocks.lock(cpu, anonVma);
        return anonVma;
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
        // A looker that still holds or wants the lock finds a free one in the reused slot; nothing to wait for.
    }
}

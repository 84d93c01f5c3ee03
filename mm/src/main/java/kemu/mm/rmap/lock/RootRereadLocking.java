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
 * The lookup of 2.6.36-rc1 and -rc2. <b>Known bad:</b> nothing is checked once the root is locked, so the anon_vma may
 * have been freed and reused under another root meanwhile; the unlock, which reads the root again, then releases a lock
 * that was never taken and leaves the taken one locked for ever. Kept to be convicted.
 *
 * <p>With {@link #objectRcu} every anon_vma waits for a grace period before it is reused, which is what some believed
 * SLAB_DESTROY_BY_RCU to do. The same lookup is sound then, since it stays in its RCU section until the unlock: neither
 * the anon_vma nor its root is another one before that. The price is memory held back and cold objects.
 *
 * <p>Source: Linux 2.6.36-rc2 mm/rmap.c, page_lock_anon_vma() and page_unlock_anon_vma().
 */
final class RootRereadLocking implements AnonVmaLocking {
    static final String NAME = "root-reread";
    static final String OBJECT_RCU = "object-rcu";

    private final Rcu rcu;
    private final boolean objectRcu;

    private RootRereadLocking(AnonVmaServices services, boolean objectRcu) {
        rcu = services.rcu();
        this.objectRcu = objectRcu;
    }

    static RootRereadLocking fastReuse(AnonVmaServices services) {
        return new RootRereadLocking(services, false);
    }

    static RootRereadLocking objectRcu(AnonVmaServices services) {
        return new RootRereadLocking(services, true);
    }

    @Override
    public String name() {
        return objectRcu ? OBJECT_RCU : NAME;
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

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
 * A lookup that pins the slot by its own lock, then verifies that the page is mapped and still names it, and only then
 * takes the root's lock as well. Changes of a list need the root's lock alone. It works if a slot changes its root only
 * under its own lock ({@link #full}): the root read under that lock is then the root at the unlock.
 *
 * <p>{@link #naive} leaves allocation as it is. <b>Known bad:</b> a slot freed and reused after the look has another
 * root at the unlock. That takes a child: the own lock of a root is the one that unlinking needs.
 *
 * <p>Lock order: own lock, then the root's; nobody takes an own lock under a root's. A root gone stale cannot close a
 * cycle: while its own lock is held a slot keeps its root, which was a root before it was anybody's child.
 *
 * <p>Source: Christoph Lameter's suggestion of August 2010, in both readings.
 */
final class OwnLockFirstLocking implements AnonVmaLocking {
    static final String NAME = "own-lock-first";
    static final String NAIVE = "own-lock-first-naive";

    private final Rcu rcu;
    private final boolean rootNeedsLock;

    private OwnLockFirstLocking(AnonVmaServices services, boolean rootNeedsLock) {
        rcu = services.rcu();
        this.rootNeedsLock = rootNeedsLock;
    }

    static OwnLockFirstLocking full(AnonVmaServices services) {
        return new OwnLockFirstLocking(services, true);
    }

    static OwnLockFirstLocking naive(AnonVmaServices services) {
        return new OwnLockFirstLocking(services, false);
    }

    @Override
    public String name() {
        return rootNeedsLock ? NAME : NAIVE;
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
        SpinLock.lock(cpu, AnonVma.LOCK.of(anonVma));
        if (RootSpinLocks.anonVmaOfMapped(cpu, page) != anonVma) {
            SpinLock.unlock(cpu, AnonVma.LOCK.of(anonVma));
            rcu.readUnlock(cpu);
            return Cpu.NULL;
        }
        long root = AnonVma.ROOT.readOnce(cpu, anonVma);
        if (root != anonVma) {
            // The root's after a child's; a root's own look takes one only.
            SpinLock.lockNested(cpu, AnonVma.LOCK.of(root), 1);
        }
        return anonVma;
    }

    @Override
    public void pageUnlockAnonVma(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        long root = AnonVma.ROOT.readOnce(cpu, anonVma);
        if (root != anonVma) {
            SpinLock.unlock(cpu, AnonVma.LOCK.of(root));
        }
        SpinLock.unlock(cpu, AnonVma.LOCK.of(anonVma));
        rcu.readUnlock(cpu);
    }

    @Override
    public void assignRoot(Cpu cpu, @Ref(AnonVma.class) long anonVma, @Ref(AnonVma.class) long root) {
        if (!rootNeedsLock) {
            AnonVma.ROOT.writeOnce(cpu, anonVma, root);
            return;
        }
        // Waits for a looker that found the slot in its last life.
        SpinLock.lock(cpu, AnonVma.LOCK.of(anonVma));
        AnonVma.ROOT.writeOnce(cpu, anonVma, root);
        SpinLock.unlock(cpu, AnonVma.LOCK.of(anonVma));
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
        // A looker may hold the own lock of the freed slot: see assignRoot.
    }
}

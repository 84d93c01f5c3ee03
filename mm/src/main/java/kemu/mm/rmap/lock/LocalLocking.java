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
 * The lookup of 2.6.33 to 2.6.35: every anon_vma is locked by its own lock, which is always the one released, so an
 * anon_vma that was freed and reused meanwhile costs a walk that finds nothing. That a page is mapped, seen inside the
 * RCU section, proves that what its mapping names is still a slot of the anon_vma cache.
 *
 * <p>{@link #withoutMappedTest} leaves that test out, as was proposed. <b>Known bad:</b> the anon_vma of a page that
 * was unmapped long ago may be gone and its slab page be anything, so the lock writes to foreign memory.
 *
 * <p>Source: Linux 2.6.33 mm/rmap.c, page_lock_anon_vma(); the proposal: Peter Zijlstra, 13 April 2010.
 */
final class LocalLocking implements AnonVmaLocking {
    static final String NAME = "local-lock";
    static final String NO_MAPPED_TEST = "no-mapped-test";

    private final Rcu rcu;
    private final boolean mappedTest;

    private LocalLocking(AnonVmaServices services, boolean mappedTest) {
        rcu = services.rcu();
        this.mappedTest = mappedTest;
    }

    static LocalLocking withMappedTest(AnonVmaServices services) {
        return new LocalLocking(services, true);
    }

    static LocalLocking withoutMappedTest(AnonVmaServices services) {
        return new LocalLocking(services, false);
    }

    @Override
    public String name() {
        return mappedTest ? NAME : NO_MAPPED_TEST;
    }

    @Override
    public boolean maySleep() {
        return false;
    }

    @Override
    public @Ref(AnonVma.class) long pageLockAnonVma(Cpu cpu, @Ref(Page.class) long page) {
        rcu.readLock(cpu);
        long anonVma = mappedTest ? RootSpinLocks.anonVmaOfMapped(cpu, page) : anonVmaOf(cpu, page);
        if (anonVma == Cpu.NULL) {
            rcu.readUnlock(cpu);
            return Cpu.NULL;
        }
        lock(cpu, anonVma);
        return anonVma;
    }

    private static long anonVmaOf(Cpu cpu, long page) {
        long mapping = Page.MAPPING.readOnce(cpu, page);
        return (mapping & Page.MAPPING_FLAGS) == Page.MAPPING_ANON ? mapping - Page.MAPPING_ANON : Cpu.NULL;
    }

    @Override
    public void pageUnlockAnonVma(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        unlock(cpu, anonVma);
        rcu.readUnlock(cpu);
    }

    @Override
    public void lock(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        SpinLock.lock(cpu, AnonVma.LOCK.of(anonVma));
    }

    @Override
    public void unlock(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        SpinLock.unlock(cpu, AnonVma.LOCK.of(anonVma));
    }

    @Override
    public @Ref(AnonVma.class) long lockOwner(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        return anonVma;
    }

    @Override
    public boolean isLocked(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        return SpinLock.isLocked(cpu, AnonVma.LOCK.of(anonVma));
    }

    @Override
    public void beforeFree(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        // A looker may hold the lock of the freed slot; its next owner waits for it.
    }
}

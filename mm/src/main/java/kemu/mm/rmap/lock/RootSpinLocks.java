package kemu.mm.rmap.lock;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.kernel.locking.SpinLock;
import kemu.mm.page.Page;
import kemu.mm.types.AnonVma;

/** What the strategies of 2.6.36 share: the spinlock in the root, and the lockless look at a page. */
final class RootSpinLocks {
    private RootSpinLocks() {}

    /** anon_vma_lock: locks whatever root {@code anonVma} has now. */
    static void lock(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        SpinLock.lock(cpu, AnonVma.LOCK.of(AnonVma.ROOT.readOnce(cpu, anonVma)));
    }

    /** anon_vma_unlock: unlocks whatever root {@code anonVma} has now. Right only while the root cannot change. */
    static void unlock(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        SpinLock.unlock(cpu, AnonVma.LOCK.of(AnonVma.ROOT.readOnce(cpu, anonVma)));
    }

    /**
     * The anon_vma that {@code page} names if it is anonymous and mapped, else NULL. It may be freed or reused any
     * time.
     */
    static @Ref(AnonVma.class) long anonVmaOfMapped(Cpu cpu, @Ref(Page.class) long page) {
        long mapping = Page.MAPPING.readOnce(cpu, page);
        if ((mapping & Page.MAPPING_FLAGS) != Page.MAPPING_ANON || !Page.isMapped(cpu, page)) {
            return Cpu.NULL;
        }
        return mapping - Page.MAPPING_ANON;
    }
}

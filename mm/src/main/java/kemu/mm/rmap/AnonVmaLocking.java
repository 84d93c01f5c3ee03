package kemu.mm.rmap;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.page.Page;
import kemu.mm.types.AnonVma;

/**
 * How a page's anon_vma is found and pinned, and how the tree of anon_vmas is locked. Implementations are final,
 * stateless apart from injected services, and allocation-free; each must work on both CPUs.
 */
public interface AnonVmaLocking {
    /** The name used on the command line. */
    String name();

    /** True if the lock may sleep, so that callers may not hold a spinlock around it. */
    boolean maySleep();

    /**
     * page_lock_anon_vma: the anon_vma of {@code page}, locked for a walk; NULL if the page is not anonymous, not
     * mapped, or its anon_vma is gone. Context: the caller holds a reference on the page.
     */
    @Ref(AnonVma.class)
    long pageLockAnonVma(Cpu cpu, @Ref(Page.class) long page);

    /** page_unlock_anon_vma: undoes {@link #pageLockAnonVma}. */
    void pageUnlockAnonVma(Cpu cpu, @Ref(AnonVma.class) long anonVma);

    /** anon_vma_lock: takes the lock that guards the list of {@code anonVma}, to change it. */
    void lock(Cpu cpu, @Ref(AnonVma.class) long anonVma);

    /** anon_vma_unlock. */
    void unlock(Cpu cpu, @Ref(AnonVma.class) long anonVma);

    /** The anon_vma in which the lock of {@code anonVma} lies. Context: that does not change. */
    @Ref(AnonVma.class)
    default long lockOwner(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        return AnonVma.ROOT.readOnce(cpu, anonVma);
    }

    /**
     * True if the lock of {@code anonVma} itself is held, as a root. Unordered; for oracles: a lock that is held when
     * its owner is freed, or when all is quiet, was taken or released through the wrong root.
     */
    boolean isLocked(Cpu cpu, @Ref(AnonVma.class) long anonVma);

    /**
     * Gives {@code anonVma}, which is new and linked to nothing, the root {@code root}. Lookers of the slot's last life
     * may read it at any time.
     */
    default void assignRoot(Cpu cpu, @Ref(AnonVma.class) long anonVma, @Ref(AnonVma.class) long root) {
        AnonVma.ROOT.writeOnce(cpu, anonVma, root);
    }

    /** What happens to an anon_vma whose last reference is gone, before its slot is freed (anon_vma_free). */
    void beforeFree(Cpu cpu, @Ref(AnonVma.class) long anonVma);
}

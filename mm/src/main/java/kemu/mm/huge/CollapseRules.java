package kemu.mm.huge;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.pgtable.PageTable;
import kemu.mm.rmap.AnonVmaLocking;
import kemu.mm.types.AnonVma;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.rcu.list.ListHead;

/**
 * What keeps others out while ptes become a huge page. The methods are those of the default, which is sound.
 *
 * <p>Source: Linux 2.6.38 mm/huge_memory.c, collapse_huge_page().
 */
public interface CollapseRules {
    /**
     * True if the lock that {@link #lockWalks} takes is that of every page that {@code vma} may map: of a VMA that has
     * one anon_vma. Strategies differ in whether another's has the same lock.
     */
    default boolean knowsItsWalks(Cpu cpu, @Ref(VmArea.class) long vma) {
        long head = VmArea.ANON_VMA_CHAIN.of(vma);
        return ListHead.first(cpu, head) == ListHead.last(cpu, head);
    }

    /** Keeps walks out: a walk that must find every pte finds none where the PMD is empty. */
    default void lockWalks(Cpu cpu, AnonVmaLocking locking, @Ref(AnonVma.class) long anonVma) {
        locking.lock(cpu, anonVma);
    }

    /** Undoes {@link #lockWalks}. */
    default void unlockWalks(Cpu cpu, AnonVmaLocking locking, @Ref(AnonVma.class) long anonVma) {
        locking.unlock(cpu, anonVma);
    }

    /** The PMD has been emptied: waits for accesses that have found the table of ptes, whether by it or in a TLB. */
    default void waitForAccesses(Cpu cpu, PageTable pageTable, @Ref(MmStruct.class) long mm) {
        pageTable.flushTlbMm(cpu, mm);
    }

    /** True if the exit of an address space waits for khugepaged, which may be at work there. */
    default boolean exitWaits() {
        return true;
    }
}

package kemu.mm.pgtable;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.types.MmStruct;

/**
 * Where code that changes many ptes flushes TLBs. The methods are the kernel's: a batch is flushed once, before what it
 * took away is given to somebody else. Others are known to be wrong, or to be slow.
 */
public interface FlushPoints {
    /** True if copy_one_pte flushes the parent's address space each time, under the pte lock. Constant. */
    default boolean atEachCopy() {
        return false;
    }

    /** The end of dup_mmap: all ptes of {@code parent} have been. Context: mmap_sem (W). */
    default void forked(Cpu cpu, PageTable pageTable, @Ref(MmStruct.class) long parent) {
        pageTable.flushTlbMm(cpu, parent);
    }

    /** The end of change_protection: ptes of {@code mm} have lost rights. Context: mmap_sem (W). */
    default void changedProtection(Cpu cpu, PageTable pageTable, @Ref(MmStruct.class) long mm) {
        pageTable.flushTlbMm(cpu, mm);
    }

    /** tlb_flush_mmu: what was unmapped from {@code mm} is about to be freed. Context: no pte lock. */
    default void freeing(Cpu cpu, PageTable pageTable, @Ref(MmStruct.class) long mm) {
        pageTable.flushTlbMm(cpu, mm);
    }

    /** It has been freed. */
    default void freed(Cpu cpu, PageTable pageTable, @Ref(MmStruct.class) long mm) {}

    /**
     * The end of move_ptes: pages of {@code mm} have moved. Whoever unmaps them flushes their new address, so a TLB
     * must not know the old one any more when they can be found there. Context: both pte locks. Source: Linux
     * eb66ae030829 (4.19); 2.6.36 flushes each pte there.
     */
    default void moved(Cpu cpu, PageTable pageTable, @Ref(MmStruct.class) long mm) {
        pageTable.flushTlbMm(cpu, mm);
    }

    /** The end of move_page_tables. Context: mmap_sem (W). */
    default void movedAll(Cpu cpu, PageTable pageTable, @Ref(MmStruct.class) long mm) {}
}

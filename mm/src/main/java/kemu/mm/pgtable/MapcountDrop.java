package kemu.mm.pgtable;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.page.Page;

/**
 * When the mapcount of a page falls whose pte is cleared: an exit or munmap clears ptes first, unlinks the VMA from its
 * anon_vmas then, and flushes its gather last. Reverse mapping, which lies above page tables, implements it.
 */
public interface MapcountDrop {
    /**
     * A pte of {@code page} has been cleared, and the page goes to {@code gather} next. Context: pte lock.
     *
     * @param gather NULL if there was no memory for one, so that the page is freed at once
     * @param anon whether the page is anonymous
     */
    void zapped(Cpu cpu, @Ref(MmuGather.class) long gather, @Ref(Page.class) long page, boolean anon);

    /** A flush of a gather comes to {@code page}, which may be a page table, and frees it next. Context: no lock. */
    void released(Cpu cpu, @Ref(Page.class) long page);
}

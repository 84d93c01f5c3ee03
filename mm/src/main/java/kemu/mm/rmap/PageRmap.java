package kemu.mm.rmap;

import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;

/**
 * Counting of ptes per page and the link from a page to its VMAs.
 */
public final class PageRmap {
    private final Kernel kernel;

    /** Part of {@code kernel}; boot only. */
    public PageRmap(Kernel kernel) {
        this.kernel = kernel;
    }

    /** page_add_new_anon_rmap: first mapping of a page private to the faulter; also adds it to the LRU. Context: pte lock. */
    public void pageAddNewAnonRmap(Cpu cpu, long page, long vma, long address) {
        throw new UnsupportedOperationException("PageRmap");
    }

    /** page_add_anon_rmap / do_page_add_anon_rmap. Context: pte lock and page lock. */
    public void pageAddAnonRmap(Cpu cpu, long page, long vma, long address, boolean exclusive) {
        throw new UnsupportedOperationException("PageRmap");
    }

    /** page_add_file_rmap. Context: pte lock. */
    public void pageAddFileRmap(Cpu cpu, long page) {
        throw new UnsupportedOperationException("PageRmap");
    }

    /** page_dup_rmap: fork copies a pte. Context: pte locks. */
    public void pageDupRmap(Cpu cpu, long page) {
        throw new UnsupportedOperationException("PageRmap");
    }

    /** page_remove_rmap: leaves mapping set. Context: pte lock. */
    public void pageRemoveRmap(Cpu cpu, long page) {
        throw new UnsupportedOperationException("PageRmap");
    }

    /** page_move_anon_rmap: sole owner reuses the page. Context: page lock. */
    public void pageMoveAnonRmap(Cpu cpu, long page, long vma, long address) {
        throw new UnsupportedOperationException("PageRmap");
    }
}

package kemu.mm.pgtable;

import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;

/**
 * Four-level page tables of 512 entries, with one lock per lowest-level table.
 */
public final class PageTable {
    private final Kernel kernel;

    /** Part of {@code kernel}; boot only. */
    public PageTable(Kernel kernel) {
        this.kernel = kernel;
    }

    /** A zeroed top table frame, or NULL. */
    public long allocPgd(Cpu cpu) {
        throw new UnsupportedOperationException("PageTable");
    }

    /** Frees the top table. */
    public void freePgd(Cpu cpu, long pgd) {
        throw new UnsupportedOperationException("PageTable");
    }

    /** Address of the pte for {@code address}, or NULL if a level is missing. Lockless; upper levels stay while the mm has users or mmap_sem is held. */
    public long find(Cpu cpu, long mm, long address) {
        throw new UnsupportedOperationException("PageTable");
    }

    /** As {@link #find}, allocating missing levels under page_table_lock; NULL if memory is out. Context: may sleep. */
    public long alloc(Cpu cpu, long mm, long address) {
        throw new UnsupportedOperationException("PageTable");
    }

    /** The spinlock that guards the table holding {@code pte}. */
    public long lockOf(Cpu cpu, long pte) {
        throw new UnsupportedOperationException("PageTable");
    }

    /** free_pgtables: frees tables that lie wholly in [floor, ceiling) and map nothing any more. mmap_sem (W) or last user. */
    public void freeRange(Cpu cpu, long mm, long start, long end, long floor, long ceiling) {
        throw new UnsupportedOperationException("PageTable");
    }

    /** flush_tlb_page: returns when no CPU is in the middle of a user access that used an older pte of {@code mm}. Full fence. */
    public void flushTlbPage(Cpu cpu, long mm, long address) {
        throw new UnsupportedOperationException("PageTable");
    }

    /** flush_tlb_mm: the same for all addresses. */
    public void flushTlbMm(Cpu cpu, long mm) {
        throw new UnsupportedOperationException("PageTable");
    }
}

package kemu.mm.pgtable;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.mem.PhysMem;
import kemu.hw.order.Order;
import kemu.kernel.locking.SpinLock;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.types.MmStruct;

/**
 * PMDs that map huge pages. For each a table of ptes is deposited, so that splitting it never fails: with the table
 * that the PMD lies in, as a list over SLAB_CACHE, which table pages do not use.
 *
 * <p>Source: Linux 2.6.38 mm/huge_memory.c, prepare_pmd_huge_pte(), get_pmd_huge_pte(); later
 * pgtable_trans_huge_deposit().
 */
public final class HugePmds {
    private final PageTable pageTable;
    private final PageAllocator pages;

    /** Boot only. */
    public HugePmds(PageTable pageTable, PageAllocator pages) {
        this.pageTable = pageTable;
        this.pages = pages;
    }

    /** See {@link PageTable#findPmd}. */
    public long find(Cpu cpu, @Ref(MmStruct.class) long mm, long address) {
        return pageTable.findPmd(cpu, mm, address);
    }

    /** See {@link PageTable#findHuge}. */
    public long findHuge(Cpu cpu, @Ref(MmStruct.class) long mm, long address) {
        return pageTable.findHuge(cpu, mm, address);
    }

    /** The PMD for {@code address}, the tables above it made if need be; NULL if memory is out. Context: may sleep. */
    public long alloc(Cpu cpu, @Ref(MmStruct.class) long mm, long address) {
        return pageTable.allocPmd(cpu, mm, address);
    }

    /** pmd_lock. */
    public void lock(Cpu cpu, long pmd) {
        SpinLock.lock(cpu, pageTable.lockOf(cpu, pmd));
    }

    /** The same for a second one, in the address space that is being forked. */
    public void lockNested(Cpu cpu, long pmd) {
        SpinLock.lockNested(cpu, pageTable.lockOf(cpu, pmd), 1);
    }

    /** Undoes both. */
    public void unlock(Cpu cpu, long pmd) {
        SpinLock.unlock(cpu, pageTable.lockOf(cpu, pmd));
    }

    /** pte_alloc_one: a table to be deposited, or NULL. Context: may sleep. */
    public long allocTable(Cpu cpu) {
        return pageTable.allocTable(cpu);
    }

    /** Frees one that was not deposited. */
    public void freeTable(Cpu cpu, long table) {
        pageTable.freeTablePage(cpu, pages.pageOf(table));
    }

    /** Deposits {@code table} for a PMD that is about to map a huge page. Context: its lock. */
    public void deposit(Cpu cpu, @Ref(MmStruct.class) long mm, long pmd, long table) {
        long page = pages.pageOf(table);
        long in = tableOf(pmd);
        Page.SLAB_CACHE.set(cpu, page, Page.SLAB_CACHE.get(cpu, in));
        Page.SLAB_CACHE.set(cpu, in, page);
        MmStruct.NR_PTES.add(cpu, mm, 1);
    }

    /** Takes a table back, its page; it still counts as one of the address space. Context: the lock of the PMD. */
    public @Ref(Page.class) long withdraw(Cpu cpu, long pmd) {
        long in = tableOf(pmd);
        long page = Page.SLAB_CACHE.get(cpu, in);
        Page.SLAB_CACHE.set(cpu, in, Page.SLAB_CACHE.get(cpu, page));
        return page;
    }

    private @Ref(Page.class) long tableOf(long pmd) {
        return pages.pageOf(pmd & -PhysMem.PAGE_SIZE);
    }

    /** set_pmd_at for a huge page whose contents are complete. Context: the lock of the PMD. */
    public void set(Cpu cpu, long pmd, long value) {
        cpu.storeRelease64(pmd, value, PageTable.PUBLISH);
    }

    /**
     * The second half of splitting: the PMD maps nothing for a moment, then by a table what it mapped before. The bits
     * of use that a user access sets are lost to none of the ptes. Context: its lock; the PMD is being split.
     */
    public void mapByTable(Cpu cpu, @Ref(MmStruct.class) long mm, long pmd) {
        long seen = cpu.readOnce64(pmd);
        long old = cpu.xchg64(pmd, Pte.frame(seen) | Pmd.HUGE | Pmd.SPLITTING, Order.FULL);
        pageTable.flushTlbMm(cpu, mm);
        long table = pages.frameOf(withdraw(cpu, pmd));
        for (int i = 0; i < Page.HUGE_FRAMES; i++) {
            long offset = (long) i * PhysMem.PAGE_SIZE;
            // Nobody sees the table yet.
            cpu.write64(table + (long) i * Long.BYTES, Pmd.pteAt(old, offset));
        }
        cpu.storeRelease64(pmd, table, PageTable.PUBLISH);
    }

    /**
     * wait_split_huge_page: returns when the PMD is not being split any more. Who splits it is not preempted and waits
     * for nobody who waits here. Context: not its lock.
     */
    public void waitSplit(Cpu cpu, long pmd) {
        long value = cpu.readOnce64(pmd);
        // Ends: the splitter replaces it.
        while (Pmd.isSplitting(value)) {
            value = cpu.condLoadNe64(pmd, -1L, value, Order.ACQUIRE);
        }
    }
}

package kemu.mm.migrate;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.order.Order;
import kemu.kernel.locking.SpinLock;
import kemu.mm.file.PageCache;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.PageRmap;
import kemu.mm.rmap.PageVma;
import kemu.mm.rmap.RmapOne;
import kemu.mm.rmap.UnmapOne;
import kemu.mm.swap.Swap;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/**
 * Replaces the pte that maps a page by its swap entry if it has one, else by what a subclass says. Age and mlock do not
 * matter. Context of the walk: page lock; the caller has a reference of its own.
 */
abstract class ReplacePte implements RmapOne {
    private final PageAllocator pages;
    private final Swap swap;
    private final PageTable pageTable;
    private final PageCache pageCache;
    private final PageRmap pageRmap;
    private final PageVma pageVma;

    ReplacePte(
            PageAllocator pages,
            Swap swap,
            PageTable pageTable,
            PageCache pageCache,
            PageRmap pageRmap,
            PageVma pageVma) {
        this.pages = pages;
        this.swap = swap;
        this.pageTable = pageTable;
        this.pageCache = pageCache;
        this.pageRmap = pageRmap;
        this.pageVma = pageVma;
    }

    /** Whether the VMA is passed over. */
    boolean passesOver(Cpu cpu, @Ref(VmArea.class) long vma) {
        return false;
    }

    /**
     * Writes what comes in place of a page in the frame at {@code frame} that has no swap entry, and accounts for it.
     * Context: pte lock; {@code pte} held {@code old} and is empty, nobody accesses the page through it any more.
     */
    abstract void replace(
            Cpu cpu,
            @Ref(Page.class) long page,
            long frame,
            @Ref(MmStruct.class) long mm,
            long pte,
            long old,
            long argument);

    @Override
    public final boolean visit(Cpu cpu, @Ref(Page.class) long page, @Ref(VmArea.class) long vma, long argument) {
        long address = PageVma.vmaAddress(cpu, page, vma);
        boolean passed = passesOver(cpu, vma);
        if (address == Errno.EFAULT || passed) {
            return true;
        }
        long mm = VmArea.VM_MM.get(cpu, vma);
        long pte = pageVma.pageCheckAddress(cpu, page, mm, address);
        if (pte == Cpu.NULL) {
            return true;
        }
        // From here on no new access; the flush waits for those under way, so contents and dirty bit are final.
        long value = cpu.xchg64(pte, 0, Order.FULL);
        pageTable.flushTlbPage(cpu, mm, address);
        if ((value & Pte.DIRTY) != 0) {
            pageCache.setPageDirty(cpu, page);
        }
        if (Page.test(cpu, page, Page.PG_SWAPCACHE)) {
            UnmapOne.replaceBySwapEntry(cpu, swap, page, mm, pte);
        } else {
            replace(cpu, page, pages.frameOf(page), mm, pte, value, argument);
        }
        pageRmap.pageRemoveRmap(cpu, page);
        pageRmap.munlockMigrating(cpu, page, vma);
        // The caller holds another reference, so this is not the last.
        pages.putPage(cpu, page);
        SpinLock.unlock(cpu, pageTable.lockOf(cpu, pte));
        return Page.isMapped(cpu, page);
    }
}

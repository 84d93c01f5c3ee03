package kemu.mm.rmap;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.order.Order;
import kemu.kernel.locking.SpinLock;
import kemu.mm.file.PageCache;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.swap.Swap;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;

/** Takes one pte away from a page that reclaim wants. Source: Linux 2.6.36 mm/rmap.c, try_to_unmap_one(). */
public final class UnmapOne {
    private final PageAllocator pages;
    private final Swap swap;
    private final PageTable pageTable;
    private final PageCache pageCache;
    private final PageRmap pageRmap;
    private final PageVma pageVma;
    private final TryToMunlock munlocks;

    /** Boot only. */
    public UnmapOne(
            PageAllocator pages,
            Swap swap,
            PageTable pageTable,
            PageCache pageCache,
            PageRmap pageRmap,
            PageVma pageVma,
            TryToMunlock munlocks) {
        this.pages = pages;
        this.swap = swap;
        this.pageTable = pageTable;
        this.pageCache = pageCache;
        this.pageRmap = pageRmap;
        this.pageVma = pageVma;
        this.munlocks = munlocks;
    }

    /**
     * Replaces the pte that maps the page at {@code address}, if there is one, by its swap entry or by nothing. A page
     * accessed again is left alone; one that a locked VMA maps is mlocked. Context: page lock, and the lock of the list
     * with the VMA.
     */
    int tryToUnmapOne(Cpu cpu, long page, long vma, long address) {
        long mm = VmArea.VM_MM.get(cpu, vma);
        long pte = pageVma.pageCheckAddress(cpu, page, mm, address);
        if (pte == Cpu.NULL) {
            return RmapWalk.SWAP_AGAIN;
        }
        if ((VmArea.VM_FLAGS.readOnce(cpu, vma) & VmArea.VM_LOCKED) != 0) {
            return munlocks.mlockAndUnlockPte(cpu, page, vma, pte) ? RmapWalk.SWAP_MLOCK : RmapWalk.SWAP_AGAIN;
        }
        long lock = pageTable.lockOf(cpu, pte);
        int result = RmapWalk.SWAP_FAIL;
        if (!clearYoung(cpu, pte)) {
            // From here on no new access; the flush waits for those under way, so the dirty bit below is final.
            long value = cpu.xchg64(pte, 0, Order.FULL);
            pageTable.flushTlbPage(cpu, mm, address);
            if ((value & Pte.DIRTY) != 0) {
                pageCache.setPageDirty(cpu, page);
            }
            if (Page.isAnon(cpu, page)) {
                replaceBySwapEntry(cpu, swap, page, mm, pte);
            } else {
                MmStruct.FILE_RSS.add(cpu, mm, -1);
            }
            pageRmap.pageRemoveRmap(cpu, page);
            // The caller holds another reference, so this is not the last.
            pages.putPage(cpu, page);
            result = RmapWalk.SWAP_AGAIN;
        }
        SpinLock.unlock(cpu, lock);
        return result;
    }

    /** ptep_clear_flush_young: true if the page was accessed through the pte; forgets that. */
    private static boolean clearYoung(Cpu cpu, long pte) {
        boolean young = (cpu.readOnce64(pte) & Pte.ACCESSED) != 0;
        if (young) {
            cpu.fetchAnd64(pte, ~Pte.ACCESSED, Order.RELAXED);
        }
        return young;
    }

    /** Writes the swap entry of a page in the swap cache in its place. Context: pte lock; {@code pte} is empty. */
    public static void replaceBySwapEntry(
            Cpu cpu, Swap swap, @Ref(Page.class) long page, @Ref(MmStruct.class) long mm, long pte) {
        long entry = Page.PRIVATE.get(cpu, page);
        swap.duplicate(cpu, entry);
        cpu.writeOnce64(pte, Pte.ofSwap(entry));
        MmStruct.ANON_RSS.add(cpu, mm, -1);
        MmStruct.SWAPENTS.add(cpu, mm, 1);
    }
}

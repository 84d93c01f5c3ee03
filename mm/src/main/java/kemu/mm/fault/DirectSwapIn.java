package kemu.mm.fault;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.kernel.locking.SpinLock;
import kemu.mm.page.Gfp;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.PageRmap;
import kemu.mm.swap.Swap;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;

/**
 * do_swap_page from a device that is as fast as memory (SWP_SYNCHRONOUS_IO): into a page that is never in the swap
 * cache. Without the cache nothing says to another thread that the entry is being read, but its {@link SlotPin}: two
 * may read it, one maps its page and frees the entry, the page is written, and reclaim swaps it out to the same entry.
 * The other one finds its pte as it was, and maps what it read long ago.
 *
 * <p>Source: Linux 6.8 mm/memory.c, do_swap_page(), the part "skip swapcache"; 0bcac06f27d7 (4.15), 13ddaf26be32 (6.8).
 */
final class DirectSwapIn {
    private final VmStat vmStat;
    private final PageAllocator pages;
    private final Swap swap;
    private final PageTable pageTable;
    private final PageRmap pageRmap;
    private final SlotPin pin;

    DirectSwapIn(VmStat vmStat, PageAllocator pages, Swap swap, PageTable pageTable, PageRmap pageRmap, SlotPin pin) {
        this.vmStat = vmStat;
        this.pages = pages;
        this.swap = swap;
        this.pageTable = pageTable;
        this.pageRmap = pageRmap;
        this.pin = pin;
    }

    /** True if {@code entry}, which is not in the swap cache, is for {@link #serve}. */
    boolean takes(Cpu cpu, long entry) {
        return pin.passesBy(cpu, entry);
    }

    /** As {@link SwapFault#serve}. The page is its pte's alone, so that a write need not copy it. */
    int serve(Cpu cpu, @Ref(VmArea.class) long vma, long address, long pte, long seen, boolean write) {
        long entry = Pte.swapEntry(seen);
        if (pin.pin(cpu, entry) != SlotPin.PINNED) {
            pin.giveWay(cpu, entry);
            return Faults.MINOR;
        }
        long page = pages.allocPages(cpu, Gfp.USER, 0);
        boolean mapped = false;
        if (page != Cpu.NULL) {
            swap.readPast(cpu, entry, page);
            vmStat.inc(cpu, VmStatItem.PGMAJFAULT);
            mapped = map(cpu, vma, address, pte, seen, page, write);
        }
        boolean noMemory = page == Cpu.NULL && !changed(cpu, pageTable, pte, seen);
        pin.unpin(cpu, entry);
        if (page == Cpu.NULL) {
            return noMemory ? Faults.OOM : Faults.MINOR;
        }
        if (!mapped) {
            pages.putPage(cpu, page);
        }
        return Faults.MAJOR;
    }

    /** True if another thread has served the fault, or the mapping is gone: then memory is not missing here. */
    static boolean changed(Cpu cpu, PageTable pageTable, long pte, long seen) {
        long lock = pageTable.lockOf(cpu, pte);
        SpinLock.lock(cpu, lock);
        boolean changed = cpu.readOnce64(pte) != seen;
        SpinLock.unlock(cpu, lock);
        return changed;
    }

    /** Maps the page if the pte is still {@code seen}; then the entry has one user less. */
    private boolean map(Cpu cpu, long vma, long address, long pte, long seen, long page, boolean write) {
        long lock = pageTable.lockOf(cpu, pte);
        SpinLock.lock(cpu, lock);
        boolean same = cpu.readOnce64(pte) == seen;
        if (same) {
            long mm = VmArea.VM_MM.get(cpu, vma);
            MmStruct.ANON_RSS.add(cpu, mm, 1);
            MmStruct.SWAPENTS.add(cpu, mm, -1);
            pageRmap.pageAddNewAnonRmap(cpu, page, vma, address);
            // Its only copy from here on: add_to_swap makes it dirty when reclaim comes again.
            long flags = write ? Pte.RW | Pte.DIRTY | Pte.ACCESSED : Pte.ACCESSED;
            cpu.storeRelease64(pte, Pte.make(pages.frameOf(page), flags), FaultBarriers.SET_PTE);
            swap.free(cpu, Pte.swapEntry(seen));
        }
        SpinLock.unlock(cpu, lock);
        return same;
    }
}

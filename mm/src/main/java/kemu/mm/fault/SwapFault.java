package kemu.mm.fault;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Tags;
import kemu.hw.layout.Ref;
import kemu.kernel.locking.SpinLock;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.PageRmap;
import kemu.mm.swap.Swap;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;

/** do_swap_page: an access to a page that reclaim took away. Source: Linux 2.6.36 mm/memory.c. */
final class SwapFault {
    private static final int SWAPIN_TAG = Tags.tag("fault_swapin");

    private final VmStat vmStat;
    private final PageRmap pageRmap;
    private final PageTable pageTable;
    private final PageAllocator pages;
    private final PageLock pageLock;
    private final Swap swap;
    private final WriteProtectFault writeProtectFault;

    SwapFault(
            VmStat vmStat,
            PageLock pageLock,
            PageAllocator pages,
            Swap swap,
            PageTable pageTable,
            PageRmap pageRmap,
            WriteProtectFault writeProtectFault) {
        this.vmStat = vmStat;
        this.pageRmap = pageRmap;
        this.writeProtectFault = writeProtectFault;
        this.pageTable = pageTable;
        this.pages = pages;
        this.pageLock = pageLock;
        this.swap = swap;
    }

    /** Serves an access to {@code pte}, which held the swap pte {@code seen}. Context: mmap_sem (R), may sleep. */
    int serve(Cpu cpu, @Ref(VmArea.class) long vma, long address, long pte, long seen, boolean write, long start) {
        long entry = Pte.swapEntry(seen);
        int code = Faults.MINOR;
        long page = swap.lookup(cpu, entry);
        if (page == Cpu.NULL) {
            page = swap.readIn(cpu, entry);
            if (page == Cpu.NULL) {
                // Another thread was faster and the entry is gone, or memory is out.
                return changed(cpu, pte, seen) ? Faults.MINOR : Faults.OOM;
            }
            code = Faults.MAJOR;
            vmStat.inc(cpu, VmStatItem.PGMAJFAULT);
        }
        pageLock.lock(cpu, page);
        // It may have left the swap cache while we waited, and even be there again for another entry.
        if (!Page.test(cpu, page, Page.PG_SWAPCACHE) || Page.PRIVATE.get(cpu, page) != entry) {
            pageLock.unlock(cpu, page);
            pages.putPage(cpu, page);
            return code;
        }
        long value = map(cpu, vma, address, pte, seen, page, write);
        if (value == 0) {
            pageLock.unlock(cpu, page);
            pages.putPage(cpu, page);
            return code;
        }
        cpu.record(SWAPIN_TAG, cpu.clock() - start);
        if (write && (value & Pte.RW) == 0) {
            int copied = writeProtectFault.serve(cpu, vma, address, pte, value, cpu.clock());
            return copied < 0 ? copied : code;
        }
        return code;
    }

    private boolean changed(Cpu cpu, long pte, long seen) {
        long lock = pageTable.lockOf(cpu, pte);
        SpinLock.lock(cpu, lock);
        boolean changed = cpu.readOnce64(pte) != seen;
        SpinLock.unlock(cpu, lock);
        return changed;
    }

    /**
     * Maps the page, whose reference becomes the pte's; the new pte, or 0 if the old one changed meanwhile. A write by
     * the only owner takes the page out of the swap cache and may write at once. Context: page lock, dropped here if
     * the page is mapped.
     */
    private long map(Cpu cpu, long vma, long address, long pte, long seen, long page, boolean write) {
        long lock = pageTable.lockOf(cpu, pte);
        SpinLock.lock(cpu, lock);
        if (cpu.readOnce64(pte) != seen) {
            SpinLock.unlock(cpu, lock);
            return 0;
        }
        long mm = VmArea.VM_MM.get(cpu, vma);
        long entry = Pte.swapEntry(seen);
        MmStruct.ANON_RSS.add(cpu, mm, 1);
        MmStruct.SWAPENTS.add(cpu, mm, -1);
        boolean exclusive = write && swap.reuse(cpu, page);
        long flags = exclusive ? Pte.RW | Pte.DIRTY | Pte.ACCESSED : Pte.ACCESSED;
        long value = Pte.make(pages.frameOf(page), flags);
        cpu.storeRelease64(pte, value, FaultBarriers.SET_PTE);
        // After the pte: a walker that finds the page mapped through another owner may look for it here in vain, no
        // more.
        pageRmap.pageAddAnonRmap(cpu, page, vma, address, exclusive);
        swap.free(cpu, entry);
        if (swap.usedEntries(cpu) * 2 > swap.capacity() || (VmArea.VM_FLAGS.get(cpu, vma) & VmArea.VM_LOCKED) != 0) {
            swap.tryToFree(cpu, page);
        }
        // Under the pte lock: the pte has our reference, and madvise may empty it as soon as the lock is free.
        pageLock.unlock(cpu, page);
        SpinLock.unlock(cpu, lock);
        return value;
    }
}

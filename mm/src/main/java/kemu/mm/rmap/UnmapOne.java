package kemu.mm.rmap;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Order;
import kemu.hw.sync.SpinLock;
import kemu.mm.Kernel;
import kemu.mm.page.Page;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.vma.MmStruct;
import kemu.mm.vma.VmArea;

/** Takes one pte away from a page that reclaim wants. Source: Linux 2.6.36 mm/rmap.c, try_to_unmap_one(). */
final class UnmapOne {
    private final Kernel kernel;
    private final PageTable pageTable;
    private final RmapWalk walk;

    UnmapOne(Kernel kernel, RmapWalk walk) {
        this.kernel = kernel;
        this.walk = walk;
        pageTable = kernel.pageTable();
    }

    /**
     * Replaces the pte that maps the page at {@code address}, if there is one, by its swap entry or by nothing. A page
     * accessed again or locked in memory is left alone. Context: page lock, and the lock of the list with the VMA.
     */
    int tryToUnmapOne(Cpu cpu, long page, long vma, long address) {
        long mm = VmArea.VM_MM.get(cpu, vma);
        long pte = walk.pageCheckAddress(cpu, page, mm, address);
        if (pte == Cpu.NULL) {
            return RmapWalk.SWAP_AGAIN;
        }
        long lock = pageTable.lockOf(cpu, pte);
        int result = RmapWalk.SWAP_FAIL;
        if ((VmArea.VM_FLAGS.readOnce(cpu, vma) & VmArea.VM_LOCKED) == 0 && !clearYoung(cpu, pte)) {
            // From here on no new access; the flush waits for those under way, so the dirty bit below is final.
            long value = cpu.xchg64(pte, 0, Order.FULL);
            pageTable.flushTlbPage(cpu, mm, address);
            if ((value & Pte.DIRTY) != 0) {
                kernel.pageCache().setPageDirty(cpu, page);
            }
            if (Page.isAnon(cpu, page)) {
                replaceBySwapEntry(cpu, page, mm, pte);
            } else {
                MmStruct.FILE_RSS.add(cpu, mm, -1);
            }
            kernel.pageRmap().pageRemoveRmap(cpu, page);
            // The caller holds another reference, so this is not the last.
            kernel.pages().putPage(cpu, page);
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

    private void replaceBySwapEntry(Cpu cpu, long page, long mm, long pte) {
        long entry = Page.PRIVATE.get(cpu, page);
        kernel.swap().duplicate(cpu, entry);
        cpu.writeOnce64(pte, Pte.ofSwap(entry));
        MmStruct.ANON_RSS.add(cpu, mm, -1);
        MmStruct.SWAPENTS.add(cpu, mm, 1);
    }
}

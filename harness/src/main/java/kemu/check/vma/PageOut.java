package kemu.check.vma;

import kemu.hw.cpu.Cpu;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.RwSem;
import kemu.mm.Kernel;
import kemu.mm.page.Page;
import kemu.mm.pgtable.Pte;
import kemu.mm.types.MmStruct;

/**
 * Reclaim of one page of an address space, as if it had come to the cold end of both lists. Source: Linux 5.4
 * mm/madvise.c, MADV_PAGEOUT; mm/vmscan.c, reclaim_pages().
 */
public final class PageOut {
    private PageOut() {}

    /**
     * Reclaims the anonymous page that {@code mm} maps at {@code address}: true if it was freed, its contents in the
     * swap area. False if there is none, or if it is in use, on no list, or there is no room. Context: may sleep.
     */
    public static boolean page(Kernel kernel, Cpu cpu, long mm, long address) {
        long page = mapped(kernel, cpu, mm, address);
        if (page == Cpu.NULL) {
            return false;
        }
        kernel.lru().drain(cpu);
        boolean isolated = kernel.lru().isolate(cpu, page);
        kernel.pages().putPage(cpu, page);
        if (!isolated) {
            return false;
        }
        // What was used before is forgotten; what is used from here on keeps the page.
        if (Page.test(cpu, page, Page.PG_ACTIVE)) {
            Page.FLAGS.clearBits(cpu, page, Page.PG_ACTIVE);
        }
        kernel.rmapWalk().pageReferenced(cpu, page, false);
        return kernel.vmscan().shrinkPage(cpu, page);
    }

    /** The page, with a reference, or NULL. */
    private static long mapped(Kernel kernel, Cpu cpu, long mm, long address) {
        RwSem.downRead(cpu, MmStruct.MMAP_SEM.of(mm));
        long page = Cpu.NULL;
        long pte = kernel.pageTable().find(cpu, mm, address);
        if (pte != Cpu.NULL) {
            long lock = kernel.pageTable().lockOf(cpu, pte);
            SpinLock.lock(cpu, lock);
            long value = cpu.readOnce64(pte);
            if (Pte.present(value)) {
                page = kernel.pages().pageOf(Pte.frame(value));
                if (Page.isAnon(cpu, page)) {
                    Page.get(cpu, page);
                } else {
                    page = Cpu.NULL;
                }
            }
            SpinLock.unlock(cpu, lock);
        }
        RwSem.upRead(cpu, MmStruct.MMAP_SEM.of(mm));
        return page;
    }
}

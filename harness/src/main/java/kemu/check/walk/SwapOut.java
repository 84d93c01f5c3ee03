package kemu.check.walk;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.Kernel;
import kemu.mm.page.Page;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.RmapWalk;
import kemu.mm.types.MmStruct;

/** What reclaim does with one page, while others may do with it what they can. */
final class SwapOut {
    private SwapOut() {}

    /** Writes the page at {@code address} to swap and frees it, if it is there, may be isolated and nobody uses it. */
    static void page(Kernel kernel, Cpu cpu, @Ref(MmStruct.class) long mm, long address) {
        long pte = kernel.pageTable().find(cpu, mm, address);
        long value = pte == Cpu.NULL ? 0 : cpu.readOnce64(pte);
        if (!Pte.present(value) || (value & Pte.SPECIAL) != 0) {
            return;
        }
        long page = kernel.pages().pageOf(Pte.frame(value));
        kernel.lru().drain(cpu);
        if (!kernel.lru().isolate(cpu, page)) {
            return;
        }
        kernel.pageLock().lock(cpu, page);
        if (freed(kernel, cpu, page)) {
            Page.FLAGS.writeOnce(cpu, page, Page.FLAGS.get(cpu, page) & ~(Page.PG_LOCKED | Page.PG_ACTIVE));
            kernel.pages().freePages(cpu, page, 0);
            return;
        }
        kernel.pageLock().unlock(cpu, page);
        kernel.lru().putback(cpu, page);
    }

    /**
     * The first half of it, of a page that is isolated: it is in the swap cache and not mapped, and not written yet.
     */
    static void half(Kernel kernel, Cpu cpu, @Ref(Page.class) long page) {
        kernel.pageLock().lock(cpu, page);
        if (kernel.swap().addToSwap(cpu, page)) {
            kernel.rmapWalk().pageReferenced(cpu, page, true);
            kernel.rmapWalk().tryToUnmap(cpu, page);
        }
        kernel.pageLock().unlock(cpu, page);
    }

    /** The page is locked, and so it is when this returns. */
    private static boolean freed(Kernel kernel, Cpu cpu, long page) {
        if (!Page.isMapped(cpu, page)
                || !Page.test(cpu, page, Page.PG_SWAPCACHE) && !kernel.swap().addToSwap(cpu, page)) {
            return false;
        }
        kernel.rmapWalk().pageReferenced(cpu, page, true);
        if (kernel.rmapWalk().tryToUnmap(cpu, page) != RmapWalk.SWAP_SUCCESS) {
            kernel.swap().tryToFree(cpu, page);
            return false;
        }
        kernel.swap().writepage(cpu, page);
        kernel.pageLock().lock(cpu, page);
        return Page.test(cpu, page, Page.PG_SWAPCACHE) && kernel.swap().removeMapping(cpu, page);
    }
}

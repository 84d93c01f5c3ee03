package kemu.mm.khugepaged;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.kernel.locking.SpinLock;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.types.MmStruct;

/**
 * khugepaged_scan_pmd: whether a table of ptes is worth a try. What it sees may be over when it returns: the collapse
 * looks again.
 *
 * <p>Source: Linux 2.6.38 mm/huge_memory.c. Ptes that forbid writes are no obstacle, as since 5.8, nor is the zero
 * page, which counts as nothing mapped, as since 4.0.
 */
final class ScanPmd {
    private final PageTable pageTable;
    private final PageAllocator pages;

    ScanPmd(PageTable pageTable, PageAllocator pages) {
        this.pageTable = pageTable;
        this.pages = pages;
    }

    /**
     * True if the ptes at {@code start}, which is aligned, map pages that are nobody else's, one of which was used
     * lately, and at most {@code mostNone} map nothing. Context: mmap_sem.
     */
    boolean isWorthIt(Cpu cpu, @Ref(MmStruct.class) long mm, long start, long mostNone) {
        long table = pageTable.findTable(cpu, mm, start);
        if (table == Cpu.NULL) {
            return false;
        }
        long lock = pageTable.lockOf(cpu, table);
        SpinLock.lock(cpu, lock);
        long none = 0;
        boolean used = false;
        boolean suits = true;
        for (int i = 0; suits && i < Page.HUGE_FRAMES; i++) {
            long pte = cpu.readOnce64(table + (long) i * Long.BYTES);
            if (pte == 0 || isZeroPage(pte)) {
                none++;
                suits = none <= mostNone;
            } else {
                long page = Pte.present(pte) ? pages.pageOf(Pte.frame(pte)) : Cpu.NULL;
                suits = page != Cpu.NULL && (pte & Pte.SPECIAL) == 0 && isFree(cpu, page);
                used |= suits && ((pte & Pte.ACCESSED) != 0 || Page.test(cpu, page, Page.PG_REFERENCED));
            }
        }
        SpinLock.unlock(cpu, lock);
        return suits && used;
    }

    private static boolean isZeroPage(long pte) {
        return (pte & (Pte.PRESENT | Pte.SPECIAL)) == (Pte.PRESENT | Pte.SPECIAL) && Pte.userReadable(pte);
    }

    /** True if nobody but its pte has {@code page}: on an LRU list, not locked, anonymous, and with one reference. */
    private static boolean isFree(Cpu cpu, long page) {
        return Page.test(cpu, page, Page.PG_LRU)
                && !Page.test(cpu, page, Page.PG_LOCKED)
                && Page.isAnon(cpu, page)
                && Page.COUNT.readOnce(cpu, page) == 1;
    }
}

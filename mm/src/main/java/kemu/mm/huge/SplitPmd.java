package kemu.mm.huge;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.pgtable.HugePmds;
import kemu.mm.pgtable.Pmd;
import kemu.mm.pgtable.Pte;
import kemu.mm.types.MmStruct;

/** split_huge_page_pmd: splits the huge page that a PMD maps. Source: Linux 2.6.38 mm/huge_memory.c. */
final class SplitPmd {
    private final PageAllocator pages;
    private final PageLock pageLock;
    private final HugePmds pmds;
    private final SplitHugePage split;

    SplitPmd(PageAllocator pages, PageLock pageLock, HugePmds pmds, SplitHugePage split) {
        this.pages = pages;
        this.pageLock = pageLock;
        this.pmds = pmds;
        this.split = split;
    }

    /** Returns when no huge page is mapped at {@code address}. Context: mmap_sem; may sleep. */
    void at(Cpu cpu, @Ref(MmStruct.class) long mm, long address) {
        long pmd = pmds.findHuge(cpu, mm, address);
        // Ends: a PMD that is split, or taken away, maps a huge page again only if a fault comes in between.
        while (pmd != Cpu.NULL) {
            pmds.lock(cpu, pmd);
            long value = cpu.readOnce64(pmd);
            long page = Pmd.isHuge(value) && !Pmd.isSplitting(value) ? pages.pageOf(Pte.frame(value)) : Cpu.NULL;
            if (page != Cpu.NULL) {
                Page.get(cpu, page);
            }
            pmds.unlock(cpu, pmd);
            if (page != Cpu.NULL) {
                pageLock.lock(cpu, page);
                split.split(cpu, page);
                pageLock.unlock(cpu, page);
                pages.putPage(cpu, page);
            } else {
                pmds.waitSplit(cpu, pmd);
            }
            pmd = pmds.findHuge(cpu, mm, address);
        }
    }
}

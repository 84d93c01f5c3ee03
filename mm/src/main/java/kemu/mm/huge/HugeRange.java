package kemu.mm.huge;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.order.Order;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.pgtable.HugePmds;
import kemu.mm.pgtable.MmuGather;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pmd;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.PageRmap;
import kemu.mm.types.MmStruct;
import kemu.mm.uapi.Errno;

/** What unmapping and fork do to a PMD that maps a huge page. Source: Linux 2.6.38 mm/huge_memory.c. */
final class HugeRange {
    private final PageTable pageTable;
    private final PageAllocator pages;
    private final PageRmap pageRmap;
    private final HugePmds pmds;
    private final SplitPmd split;

    HugeRange(PageTable pageTable, PageAllocator pages, PageRmap pageRmap, HugePmds pmds, SplitPmd split) {
        this.pageTable = pageTable;
        this.pages = pages;
        this.pageRmap = pageRmap;
        this.pmds = pmds;
        this.split = split;
    }

    /** As {@link HugePages#zap}. */
    boolean zap(Cpu cpu, MmuGather gathers, long gather, @Ref(MmStruct.class) long mm, long start, long stop) {
        long pmd = pmds.find(cpu, mm, start);
        // Ends: a round that does not return has waited for a split, after which a table is there.
        while (pmd != Cpu.NULL) {
            long value = cpu.loadDependent64(pmd);
            if (value != 0 && !Pmd.isHuge(value)) {
                return false;
            }
            if (value == 0) {
                break;
            }
            if (stop - start != HugePages.SIZE) {
                split.at(cpu, mm, start);
            } else if (zapWhole(cpu, gathers, gather, mm, pmd)) {
                break;
            }
        }
        return true;
    }

    /** zap_huge_pmd; false if it is being split. */
    private boolean zapWhole(Cpu cpu, MmuGather gathers, long gather, long mm, long pmd) {
        pmds.lock(cpu, pmd);
        long value = cpu.readOnce64(pmd);
        boolean mine = Pmd.isHuge(value) && !Pmd.isSplitting(value);
        if (mine) {
            cpu.xchg64(pmd, 0, Order.FULL);
            long table = pmds.withdraw(cpu, pmd);
            MmStruct.NR_PTES.add(cpu, mm, -1);
            MmStruct.ANON_RSS.add(cpu, mm, -Page.HUGE_FRAMES);
            gathers.removeMapped(cpu, gather, mm, pages.pageOf(Pte.frame(value)), true);
            gathers.remove(cpu, gather, mm, table);
        }
        pmds.unlock(cpu, pmd);
        if (!mine) {
            pmds.waitSplit(cpu, pmd);
        }
        return mine;
    }

    /** copy_huge_pmd, as {@link HugePages#copy}. */
    int copy(Cpu cpu, @Ref(MmStruct.class) long child, @Ref(MmStruct.class) long parent, long address) {
        long from = pmds.findHuge(cpu, parent, address);
        if (from == Cpu.NULL) {
            return HugePages.SMALL;
        }
        long to = pmds.alloc(cpu, child, address);
        long table = to == Cpu.NULL ? Cpu.NULL : pmds.allocTable(cpu);
        if (table == Cpu.NULL) {
            return Errno.ENOMEM;
        }
        // Ends: after a split a table is there.
        while (true) {
            pmds.lock(cpu, to);
            pmds.lockNested(cpu, from);
            long value = cpu.readOnce64(from);
            boolean huge = Pmd.isHuge(value);
            boolean mine = huge && !Pmd.isSplitting(value);
            if (mine) {
                copyLocked(cpu, child, from, to, table);
            }
            pmds.unlock(cpu, from);
            pmds.unlock(cpu, to);
            if (mine) {
                if (pageTable.flushPoints().atEachCopy()) {
                    pageTable.flushTlbMm(cpu, parent);
                }
                return HugePages.SERVED;
            }
            if (!huge) {
                pmds.freeTable(cpu, table);
                return HugePages.SMALL;
            }
            pmds.waitSplit(cpu, from);
        }
    }

    private void copyLocked(Cpu cpu, long child, long from, long to, long table) {
        long value = cpu.fetchAnd64(from, ~Pte.RW, Order.FULL);
        long page = pages.pageOf(Pte.frame(value));
        Page.get(cpu, page);
        pageRmap.pageDupRmap(cpu, page);
        pmds.deposit(cpu, child, to, table);
        MmStruct.ANON_RSS.add(cpu, child, Page.HUGE_FRAMES);
        pmds.set(cpu, to, value & ~(Pte.RW | Pte.ACCESSED));
    }
}

package kemu.mm.huge;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Tags;
import kemu.hw.layout.Ref;
import kemu.hw.order.Order;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.HugePmds;
import kemu.mm.pgtable.Pmd;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.AnonVmas;
import kemu.mm.rmap.PageRmap;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;

/**
 * The part of a fault above ptes: maps a huge page, or serves an access to one.
 *
 * <p>Source: Linux 2.6.38 mm/huge_memory.c, do_huge_pmd_anonymous_page(), do_huge_pmd_wp_page(); a huge page that
 * others have too is split and copied by small pages, as since 5.8.
 */
final class HugeFault {
    private static final int HUGE_TAG = Tags.tag("fault_huge");
    private static final long USED = Pte.ACCESSED | Pte.DIRTY;

    private final VmStat vmStat;
    private final PageAllocator pages;
    private final AnonVmas anonVmas;
    private final PageRmap pageRmap;
    private final HugePmds pmds;
    private final SplitPmd split;
    private final ScanLink scans;

    HugeFault(
            VmStat vmStat,
            PageAllocator pages,
            AnonVmas anonVmas,
            PageRmap pageRmap,
            HugePmds pmds,
            SplitPmd split,
            ScanLink scans) {
        this.scans = scans;
        this.vmStat = vmStat;
        this.pages = pages;
        this.anonVmas = anonVmas;
        this.pageRmap = pageRmap;
        this.pmds = pmds;
        this.split = split;
    }

    /** As {@link HugePages#fault}. */
    int serve(Cpu cpu, long mm, @Ref(VmArea.class) long vma, long address, boolean write, boolean mayMap) {
        long pmd = pmds.find(cpu, mm, address);
        long value = pmd == Cpu.NULL ? 0 : cpu.loadDependent64(pmd);
        if (Pmd.isHuge(value)) {
            mapped(cpu, mm, address, pmd, value, write);
            return HugePages.SERVED;
        }
        if (value != 0 || !HugePages.suits(cpu, vma, address)) {
            return HugePages.SMALL;
        }
        return mayMap ? mapNew(cpu, mm, vma, address) : HugePages.NOT_HERE;
    }

    /** Somebody has mapped a huge page. If it is not by this PMD any more afterwards, the access finds out. */
    private void mapped(Cpu cpu, long mm, long address, long pmd, long seen, boolean write) {
        if (Pmd.isSplitting(seen)) {
            pmds.waitSplit(cpu, pmd);
            return;
        }
        if (!write || (seen & Pte.RW) != 0) {
            cpu.cmpxchg64(pmd, seen, seen | (write ? USED : Pte.ACCESSED), Order.RELAXED);
            return;
        }
        pmds.lock(cpu, pmd);
        long value = cpu.readOnce64(pmd);
        boolean mine = Pmd.isHuge(value) && !Pmd.isSplitting(value);
        boolean alone = mine && Page.MAPCOUNT.readOnce(cpu, pages.pageOf(Pte.frame(value))) == 0;
        if (alone) {
            // Only adds rights: nothing needs flushing.
            cpu.fetchOr64(pmd, Pte.RW | USED, Order.RELAXED);
            vmStat.inc(cpu, VmStatItem.PGREUSE);
        }
        pmds.unlock(cpu, pmd);
        if (mine && !alone) {
            split.at(cpu, mm, address);
        }
    }

    private int mapNew(Cpu cpu, long mm, long vma, long address) {
        long start = cpu.clock();
        if (anonVmas.anonVmaPrepare(cpu, vma) != 0) {
            return HugePages.SMALL;
        }
        // Whether there is a huge page now or not: it may be split later.
        scans.enter(cpu, mm);
        long pmd = pmds.alloc(cpu, mm, address);
        long page = pmd == Cpu.NULL ? Cpu.NULL : pages.allocHuge(cpu);
        long table = page == Cpu.NULL ? Cpu.NULL : pmds.allocTable(cpu);
        if (table == Cpu.NULL) {
            pages.putIfAny(cpu, page);
            vmStat.incLate(cpu, VmStatItem.THP_FAULT_FALLBACK);
            return HugePages.SMALL;
        }
        pmds.lock(cpu, pmd);
        boolean mine = cpu.readOnce64(pmd) == 0;
        if (mine) {
            pmds.deposit(cpu, mm, pmd, table);
            MmStruct.ANON_RSS.add(cpu, mm, Page.HUGE_FRAMES);
            pageRmap.pageAddNewAnonRmap(cpu, page, vma, address & -HugePages.SIZE);
            boolean writable = (VmArea.VM_FLAGS.get(cpu, vma) & VmArea.VM_WRITE) != 0;
            long flags = Pmd.HUGE | USED | (writable ? Pte.RW : 0);
            pmds.set(cpu, pmd, Pte.make(pages.frameOf(page), flags));
            vmStat.incLate(cpu, VmStatItem.THP_FAULT_ALLOC);
        }
        pmds.unlock(cpu, pmd);
        if (!mine) {
            pages.putPage(cpu, page);
            pmds.freeTable(cpu, table);
        }
        cpu.recordSince(HUGE_TAG, start);
        return HugePages.SERVED;
    }
}

package kemu.mm.huge;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.mem.PhysMem;
import kemu.hw.order.Order;
import kemu.kernel.locking.SpinLock;
import kemu.mm.page.Lru;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.HugePmds;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pmd;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.AnonVmaLocking;
import kemu.mm.rmap.PageRmap;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/**
 * collapse_huge_page: copies what a table of ptes maps to a huge page, which takes its place. What is not mapped
 * becomes zero bytes; what is swapped out, shared or in anybody's hand is in the way.
 *
 * <p>The PMD is empty from the first look at the ptes on: accesses fault, and wait for mmap_sem; walks find nothing. A
 * walk that has found the table before holds the lock of one of the VMA's anon_vmas, which {@link CollapseRules} takes.
 *
 * <p>Source: Linux 2.6.38 mm/huge_memory.c; who asks for it is khugepaged, or madvise(MADV_COLLAPSE) of 6.1.
 */
final class CollapsePages {
    private static final long IN_THE_WAY =
            Page.PG_SWAPCACHE | Page.PG_WRITEBACK | Page.PG_MLOCKED | Page.PG_UNEVICTABLE | Page.PG_HWPOISON;

    private final VmStat vmStat;
    private final PageLock pageLock;
    private final PageAllocator pages;
    private final Lru lru;
    private final PageTable pageTable;
    private final AnonVmaLocking locking;
    private final PageRmap pageRmap;
    private final HugePmds pmds;
    private final CollapseRules rules;

    CollapsePages(
            VmStat vmStat,
            PageLock pageLock,
            PageAllocator pages,
            Lru lru,
            PageTable pageTable,
            AnonVmaLocking locking,
            PageRmap pageRmap,
            HugePmds pmds,
            CollapseRules rules) {
        this.rules = rules;
        this.vmStat = vmStat;
        this.pageLock = pageLock;
        this.pages = pages;
        this.lru = lru;
        this.pageTable = pageTable;
        this.locking = locking;
        this.pageRmap = pageRmap;
        this.pmds = pmds;
    }

    /** As {@link HugePages#collapse}. */
    int collapse(Cpu cpu, @Ref(MmStruct.class) long mm, @Ref(VmArea.class) long vma, long start) {
        if (!HugePages.suits(cpu, vma, start)
                || VmArea.ANON_VMA.readOnce(cpu, vma) == Cpu.NULL
                || !rules.knowsItsWalks(cpu, vma)) {
            return Errno.EINVAL;
        }
        long table = pageTable.findTable(cpu, mm, start);
        if (table == Cpu.NULL) {
            return pageTable.findHuge(cpu, mm, start) == Cpu.NULL ? Errno.EINVAL : 0;
        }
        long huge = pages.allocHuge(cpu);
        if (huge == Cpu.NULL) {
            vmStat.incLate(cpu, VmStatItem.THP_COLLAPSE_ALLOC_FAILED);
            return Errno.ENOMEM;
        }
        vmStat.incLate(cpu, VmStatItem.THP_COLLAPSE_ALLOC);
        long pmd = pmds.find(cpu, mm, start);
        if (!isolate(cpu, mm, vma, pmd, table)) {
            pages.putPage(cpu, huge);
            return Errno.EAGAIN;
        }
        int copied = copy(cpu, table, huge);
        pmds.lock(cpu, pmd);
        // It counts already.
        MmStruct.NR_PTES.add(cpu, mm, -1);
        pmds.deposit(cpu, mm, pmd, table);
        MmStruct.ANON_RSS.add(cpu, mm, Page.HUGE_FRAMES - copied);
        pageRmap.pageAddNewAnonRmap(cpu, huge, vma, start);
        boolean writable = (VmArea.VM_FLAGS.get(cpu, vma) & VmArea.VM_WRITE) != 0;
        long flags = Pmd.HUGE | Pte.ACCESSED | Pte.DIRTY | (writable ? Pte.RW : 0);
        pmds.set(cpu, pmd, Pte.make(pages.frameOf(huge), flags));
        pmds.unlock(cpu, pmd);
        return 0;
    }

    /** Takes the table out, and its pages in hand: off the LRU, and locked. If it cannot, all is as before: false. */
    private boolean isolate(Cpu cpu, long mm, long vma, long pmd, long table) {
        long anonVma = VmArea.ANON_VMA.readOnce(cpu, vma);
        rules.lockWalks(cpu, locking, anonVma);
        pmds.lock(cpu, pmd);
        cpu.xchg64(pmd, 0, Order.FULL);
        pmds.unlock(cpu, pmd);
        rules.waitForAccesses(cpu, pageTable, mm);
        long lock = pageTable.lockOf(cpu, table);
        SpinLock.lock(cpu, lock);
        int taken = 0;
        while (taken < Page.HUGE_FRAMES && take(cpu, cpu.readOnce64(entry(table, taken)))) {
            taken++;
        }
        boolean all = taken == Page.HUGE_FRAMES;
        for (int i = 0; !all && i < taken; i++) {
            giveBack(cpu, cpu.readOnce64(entry(table, i)));
        }
        SpinLock.unlock(cpu, lock);
        if (!all) {
            pmds.lock(cpu, pmd);
            pmds.set(cpu, pmd, table);
            pmds.unlock(cpu, pmd);
        }
        rules.unlockWalks(cpu, locking, anonVma);
        return all;
    }

    private static long entry(long table, int i) {
        return table + (long) i * Long.BYTES;
    }

    /** True if the pte maps a page that is counted, not the zero page; a swap entry may have any bits. */
    private static boolean hasPage(long pte) {
        return (pte & (Pte.PRESENT | Pte.SPECIAL)) == Pte.PRESENT;
    }

    /** The part of __collapse_huge_page_isolate for one pte; false if it is in the way. Context: pte lock. */
    private boolean take(Cpu cpu, long pte) {
        if (!hasPage(pte)) {
            return pte == 0 || Pte.userReadable(pte);
        }
        if (!Pte.userReadable(pte)) {
            return false;
        }
        long page = pages.pageOf(Pte.frame(pte));
        // Mapped here only, and no reference but ours: nobody can come by one while the page is locked.
        if ((Page.MAPPING.readOnce(cpu, page) & Page.MAPPING_FLAGS) != Page.MAPPING_ANON
                || Page.MAPCOUNT.readOnce(cpu, page) != 0
                || !pageLock.tryLock(cpu, page)) {
            return false;
        }
        boolean free = !Page.test(cpu, page, IN_THE_WAY) && lru.isolate(cpu, page);
        if (free && Page.COUNT.readOnce(cpu, page) == 2) {
            return true;
        }
        if (free) {
            lru.putback(cpu, page);
        }
        pageLock.unlock(cpu, page);
        return false;
    }

    private void giveBack(Cpu cpu, long pte) {
        if (hasPage(pte)) {
            long page = pages.pageOf(Pte.frame(pte));
            pageLock.unlock(cpu, page);
            lru.putback(cpu, page);
        }
    }

    /** __collapse_huge_page_copy: also frees the small pages; how many there were. */
    private int copy(Cpu cpu, long table, long huge) {
        long to = pages.frameOf(huge);
        int copied = 0;
        for (int i = 0; i < Page.HUGE_FRAMES; i++) {
            long pte = cpu.readOnce64(entry(table, i));
            if (hasPage(pte)) {
                long page = pages.pageOf(Pte.frame(pte));
                cpu.copyFrame(to + (long) i * PhysMem.PAGE_SIZE, Pte.frame(pte));
                pageRmap.pageRemoveRmap(cpu, page);
                Page.FLAGS.clearBits(cpu, page, Page.PG_ACTIVE);
                pageLock.unlock(cpu, page);
                // Of the pte, and of whoever takes a page off the LRU.
                pages.putPage(cpu, page);
                pages.putPage(cpu, page);
                copied++;
            }
            if (pte != 0) {
                cpu.writeOnce64(entry(table, i), 0);
            }
        }
        return copied;
    }
}

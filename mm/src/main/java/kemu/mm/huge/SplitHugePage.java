package kemu.mm.huge;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.layout.Ref;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.hw.order.Order;
import kemu.kernel.context.Preempt;
import kemu.mm.page.Lru;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.HugePmds;
import kemu.mm.pgtable.Pmd;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.AnonVmaChain;
import kemu.mm.rmap.AnonVmaIndex;
import kemu.mm.rmap.AnonVmaLocking;
import kemu.mm.rmap.PageVma;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/**
 * split_huge_page: a huge page becomes 512 small ones, and every PMD that maps it a table of 512 ptes. It needs no
 * memory, and user accesses go on meanwhile.
 *
 * <p>A first walk marks every PMD, so that nobody takes one away or copies it; then references and mapcounts are dealt
 * out; a second walk replaces the PMDs. The first must find all of them. A fork that copies a PMD before it is marked
 * adds one, in a VMA that the walk is still to come to: so the VMA of a child must be behind its parent's.
 *
 * <p>Source: Linux 2.6.38 mm/huge_memory.c, __split_huge_page().
 */
final class SplitHugePage {
    private static final long OF_EACH =
            Page.PG_REFERENCED | Page.PG_UPTODATE | Page.PG_DIRTY | Page.PG_ACTIVE | Page.PG_SWAPBACKED;

    private final VmStat vmStat;
    private final PageAllocator pages;
    private final Lru lru;
    private final AnonVmaLocking locking;
    private final AnonVmaIndex index;
    private final HugePmds pmds;

    SplitHugePage(
            VmStat vmStat, PageAllocator pages, Lru lru, AnonVmaLocking locking, AnonVmaIndex index, HugePmds pmds) {
        this.vmStat = vmStat;
        this.pages = pages;
        this.lru = lru;
        this.locking = locking;
        this.index = index;
        this.pmds = pmds;
    }

    /**
     * Splits {@code page} if it is huge; false if nobody maps it any more, so that it is about to be freed whole.
     * Context: page lock and a reference; may sleep with some strategies.
     */
    boolean split(Cpu cpu, @Ref(Page.class) long page) {
        if (!Page.test(cpu, page, Page.PG_HUGE)) {
            return true;
        }
        long anonVma = locking.pageLockAnonVma(cpu, page);
        if (anonVma == Cpu.NULL) {
            return false;
        }
        Preempt.disable(cpu);
        int found = 0;
        for (long at = index.first(cpu, anonVma, page); at != Cpu.NULL; at = index.next(cpu, anonVma, at, page)) {
            found += mark(cpu, page, AnonVmaChain.VMA.get(cpu, at));
        }
        int mapped = Page.MAPCOUNT.readOnce(cpu, page) + 1;
        if (found != mapped) {
            throw missed(page, found, mapped);
        }
        if (found != 0) {
            dealOut(cpu, page, found);
            mapByTables(cpu, page, anonVma, found);
        }
        Preempt.enable(cpu);
        locking.pageUnlockAnonVma(cpu, anonVma);
        if (found != 0) {
            vmStat.incLate(cpu, VmStatItem.THP_SPLIT_PAGE);
        }
        return found != 0;
    }

    private static KernelBug missed(long page, int found, int mapped) {
        return new KernelBug(
                FailureKind.RMAP_MISSED,
                "BUG: split_huge_page of 0x" + Long.toHexString(page) + " finds " + found + " of " + mapped + " PMDs");
    }

    /**
     * __split_huge_page_splitting: 1 if {@code vma} maps the page, by a PMD that has not been met. While a VMA is cut
     * in two both are on the chain, and the old one still covers the new one's part (page_check_address_pmd()).
     */
    private int mark(Cpu cpu, long page, long vma) {
        long pmd = lockIfMaps(cpu, page, vma);
        if (pmd == Cpu.NULL) {
            return 0;
        }
        // Atomic: user accesses set bits of use.
        boolean met = Pmd.isSplitting(cpu.fetchOr64(pmd, Pmd.SPLITTING, Order.FULL));
        pmds.unlock(cpu, pmd);
        return met ? 0 : 1;
    }

    /** page_check_address_pmd: the PMD by which {@code vma} maps the page, locked; or NULL. */
    private long lockIfMaps(Cpu cpu, long page, long vma) {
        long address = PageVma.vmaAddress(cpu, page, vma);
        if (address == Errno.EFAULT || (address & HugePages.OFFSET_MASK) != 0) {
            return Cpu.NULL;
        }
        long pmd = pmds.find(cpu, VmArea.VM_MM.get(cpu, vma), address);
        if (pmd == Cpu.NULL) {
            return Cpu.NULL;
        }
        pmds.lock(cpu, pmd);
        long value = cpu.readOnce64(pmd);
        if (Pmd.isHuge(value) && Pte.frame(value) == pages.frameOf(page)) {
            return pmd;
        }
        pmds.unlock(cpu, pmd);
        return Cpu.NULL;
    }

    /**
     * __split_huge_page_refcount: each small page is mapped as often as the huge one was, has a reference for each
     * mapping, and goes to the list of the first. What other references there are stay with that.
     */
    private void dealOut(Cpu cpu, long head, int mapped) {
        long flags = Page.FLAGS.readOnce(cpu, head) & OF_EACH;
        long mapping = Page.MAPPING.readOnce(cpu, head);
        long first = Page.INDEX.readOnce(cpu, head);
        lru.lockIrq(cpu);
        for (int i = 1; i < Page.HUGE_FRAMES; i++) {
            long page = pageIn(head, i);
            // Nobody reads these three before there is a reference.
            Page.INDEX.set(cpu, page, first + i);
            Page.MAPCOUNT.set(cpu, page, mapped - 1);
            Page.MAPPING.set(cpu, page, mapping);
            lru.linkSplit(cpu, page, flags);
            Page.COUNT.release(cpu, page, mapped);
        }
        lru.unhuge(cpu, head, flags);
        lru.unlockIrq(cpu);
        Page.PRIVATE.set(cpu, head, 0);
    }

    /** __split_huge_page_map, in each VMA. */
    private void mapByTables(Cpu cpu, long page, long anonVma, int marked) {
        int found = 0;
        for (long at = index.first(cpu, anonVma, page); at != Cpu.NULL; at = index.next(cpu, anonVma, at, page)) {
            long vma = AnonVmaChain.VMA.get(cpu, at);
            long pmd = lockIfMaps(cpu, page, vma);
            if (pmd == Cpu.NULL) {
                continue;
            }
            pmds.mapByTable(cpu, VmArea.VM_MM.get(cpu, vma), pmd);
            for (int i = 1; found == 0 && i < Page.HUGE_FRAMES; i++) {
                cpu.tell(Event.ANON_MAPPED, pageIn(page, i), vma);
            }
            pmds.unlock(cpu, pmd);
            vmStat.incLate(cpu, VmStatItem.THP_SPLIT_PMD);
            found++;
        }
        if (found != marked) {
            throw missed(page, found, marked);
        }
    }

    /** The struct page of frame {@code i} of a huge page. */
    static @Ref(Page.class) long pageIn(@Ref(Page.class) long head, int i) {
        return head + (long) i * Page.LAYOUT.sizeBytes();
    }
}

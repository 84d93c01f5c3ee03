package kemu.mm.ksm;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.kernel.task.RwSem;
import kemu.mm.page.Lru;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.page.VmStatItem;
import kemu.mm.rmap.MergedPages;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;

/**
 * Makes one page of two that look equal. The page is write-protected first and compared after that: from then on it
 * cannot change without a fault. Source: Linux 2.6.36 mm/ksm.c; pages of locked VMAs are left alone, where Linux moves
 * the lock over.
 */
final class PageMerge {
    private final KsmMemory memory;
    private final PageAllocator pages;
    private final PageLock pageLock;
    private final Lru lru;
    private final ScannedPage scanned;
    private final WriteProtectPage writeProtectPage;
    private final BreakKsm breakKsm;

    /** Boot only. */
    PageMerge(
            KsmMemory memory,
            PageAllocator pages,
            PageLock pageLock,
            Lru lru,
            ScannedPage scanned,
            WriteProtectPage writeProtectPage,
            BreakKsm breakKsm) {
        this.memory = memory;
        this.pages = pages;
        this.pageLock = pageLock;
        this.lru = lru;
        this.scanned = scanned;
        this.writeProtectPage = writeProtectPage;
        this.breakKsm = breakKsm;
    }

    /**
     * try_to_merge_with_ksm_page: maps {@code kpage} where {@code item}'s page is; the item then holds an anon_vma.
     *
     * @param kpage a KSM page, perhaps {@code page} itself; NULL makes {@code page} one
     * @return false if it did not come about. Context: a reference on each page; may sleep
     */
    boolean withKsmPage(
            Cpu cpu, @Ref(RmapItem.class) long item, @Ref(Page.class) long page, @Ref(Page.class) long kpage) {
        long mm = RmapItem.MM.get(cpu, item);
        long address = RmapItem.address(cpu, item);
        RwSem.downRead(cpu, MmStruct.MMAP_SEM.of(mm));
        long vma = scanned.vmaAt(cpu, mm, address);
        boolean merged = vma != Cpu.NULL && onePage(cpu, vma, address, page, kpage);
        if (merged) {
            // The VMA keeps its anon_vma as long as mmap_sem is held.
            memory.holdAnonVma(cpu, item, VmArea.ANON_VMA.acquire(cpu, vma));
        }
        RwSem.upRead(cpu, MmStruct.MMAP_SEM.of(mm));
        return merged;
    }

    /**
     * try_to_merge_two_pages: makes {@code page} a KSM page, without a node, that both items map; false if it did not
     * come about. Context: a reference on each page; may sleep.
     */
    boolean twoPages(
            Cpu cpu,
            @Ref(RmapItem.class) long item,
            @Ref(Page.class) long page,
            @Ref(RmapItem.class) long treeItem,
            @Ref(Page.class) long treePage) {
        if (!withKsmPage(cpu, item, page, Cpu.NULL)) {
            return false;
        }
        if (withKsmPage(cpu, treeItem, treePage, page)) {
            return true;
        }
        breakKsm.breakCow(cpu, item);
        return false;
    }

    /** try_to_merge_one_page. */
    private boolean onePage(Cpu cpu, long vma, long address, long page, long kpage) {
        if (page == kpage) {
            return true;
        }
        if (!Page.isAnon(cpu, page)
                || (VmArea.VM_FLAGS.get(cpu, vma) & VmArea.VM_LOCKED) != 0
                // The owner of the lock may wait for mmap_sem, and reclaim for nothing.
                || !pageLock.tryLock(cpu, page)) {
            return false;
        }
        long mm = VmArea.VM_MM.get(cpu, vma);
        boolean merged = false;
        long seen = writeProtectPage.protect(cpu, page, mm, address);
        if (seen != WriteProtectPage.NONE) {
            if (kpage == Cpu.NULL) {
                // Its mapping changes while others may walk from it: they have the anon_vma's lock, which stays right.
                StableTree.setNode(cpu, page, Cpu.NULL);
                lru.markAccessed(cpu, page);
                merged = true;
            } else if (cpu.compareFrames(pages.frameOf(page), pages.frameOf(kpage)) == 0) {
                merged = writeProtectPage.replace(cpu, page, kpage, mm, address, seen);
                memory.count(cpu, VmStatItem.KSM_PAGES_MERGED, merged ? 1 : 0);
            }
        }
        pageLock.unlock(cpu, page);
        return merged;
    }

    /** True if {@code page} is a KSM page that {@code item} shares. */
    static boolean isMerged(Cpu cpu, @Ref(RmapItem.class) long item, @Ref(Page.class) long page) {
        return MergedPages.isMerged(cpu, page) && RmapItem.isStable(cpu, item);
    }
}

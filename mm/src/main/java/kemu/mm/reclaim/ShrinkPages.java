package kemu.mm.reclaim;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.kernel.task.Sched;
import kemu.mm.file.PageCache;
import kemu.mm.huge.HugePages;
import kemu.mm.page.Gfp;
import kemu.mm.page.Lru;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.rmap.RmapWalk;
import kemu.mm.swap.Swap;
import kemu.rcu.list.ListHead;

/**
 * shrink_page_list: tries to free pages that were isolated from an inactive list. Every page is only try-locked, so a
 * page somebody works on is kept.
 *
 * <p>Source: Linux 2.6.36 mm/vmscan.c, shrink_page_list(), page_check_references(), pageout(); no lumpy reclaim, and a
 * page whose write has just completed is freed in the same pass, since devices are synchronous.
 */
final class ShrinkPages {
    /** What becomes of a page: freed, kept, or kept and put on the active list. The page is unlocked in every case. */
    private static final int FREED = 0;

    private static final int KEEP = 1;
    private static final int ACTIVATE = 2;

    private final Machine machine;
    private final PageAllocator pages;
    private final Lru lru;
    private final Swap swap;
    private final PageCache pageCache;
    private final RmapWalk rmapWalk;
    private final PageLock pageLock;
    /** Null: there are no huge pages. */
    private final HugePages huge;

    ShrinkPages(
            Machine machine,
            PageLock pageLock,
            PageAllocator pages,
            Lru lru,
            Swap swap,
            PageCache pageCache,
            RmapWalk rmapWalk,
            HugePages huge) {
        this.huge = huge;
        this.machine = machine;
        this.pages = pages;
        this.lru = lru;
        this.swap = swap;
        this.pageCache = pageCache;
        this.rmapWalk = rmapWalk;
        this.pageLock = pageLock;
    }

    /**
     * Works through {@link ScanControl#HOLD}; pages not freed end up on {@link ScanControl#DONE}, those to be activated
     * with PG_ACTIVE. Each has the isolator's reference.
     *
     * @return pages freed in the low half, pages activated in the high half. Context: may sleep
     */
    long shrink(Cpu cpu, @Ref(ScanControl.class) long control) {
        long hold = ScanControl.HOLD.of(control);
        long done = ScanControl.DONE.of(control);
        boolean mayWrite = (ScanControl.GFP.get(cpu, control) & Gfp.IO) != 0;
        long freed = 0;
        long activated = 0;
        // Ends: every round takes a page off the list.
        while (!ListHead.empty(cpu, hold)) {
            Sched.of(machine).condResched(cpu);
            long page = Page.ofLru(ListHead.last(cpu, hold));
            ListHead.del(cpu, Page.LRU.of(page));
            int result = pageLock.tryLock(cpu, page) ? shrinkLocked(cpu, page, mayWrite) : KEEP;
            if (result == FREED) {
                freed++;
                continue;
            }
            if (result == ACTIVATE) {
                Page.FLAGS.setBits(cpu, page, Page.PG_ACTIVE);
                activated++;
            }
            ListHead.add(cpu, Page.LRU.of(page), done);
        }
        return activated << 32 | freed;
    }

    private int shrinkLocked(Cpu cpu, long page, boolean mayWrite) {
        if (!lru.isEvictable(cpu, page)) {
            swap.tryToFree(cpu, page);
            return unlock(cpu, page, KEEP);
        }
        // Freed from under us if only the isolator's reference is left: putting it back frees it.
        if (Page.test(cpu, page, Page.PG_WRITEBACK) || Page.COUNT.readOnce(cpu, page) == 1) {
            return unlock(cpu, page, KEEP);
        }
        boolean file = !Page.test(cpu, page, Page.PG_SWAPBACKED);
        boolean marked = Page.FLAGS.testAndClearBits(cpu, page, Page.PG_REFERENCED);
        int referenced = rmapWalk.pageReferenced(cpu, page, true);
        // mlock missed a page that a locked VMA maps: unmapping it will find that VMA.
        if (referenced != 0 && (referenced & RmapWalk.REFERENCED_LOCKED) == 0) {
            // An anonymous page in use is active; a file page must be seen in use twice, streaming reads touch it once.
            if (file) {
                Page.FLAGS.setBits(cpu, page, Page.PG_REFERENCED);
            }
            return file && !marked ? unlock(cpu, page, KEEP) : activate(cpu, page);
        }
        if (Page.isAnon(cpu, page) && !Page.test(cpu, page, Page.PG_SWAPCACHE)) {
            if (!mayWrite) {
                return unlock(cpu, page, KEEP);
            }
            if (huge != null && Page.test(cpu, page, Page.PG_HUGE) && swap.freeEntries(cpu) == 0) {
                return activate(cpu, page);
            }
            if (huge != null && !huge.splitPage(cpu, page)) {
                return unlock(cpu, page, KEEP);
            }
            if (!swap.addToSwap(cpu, page)) {
                return activate(cpu, page);
            }
        }
        if (Page.isMapped(cpu, page)) {
            int unmapped = rmapWalk.tryToUnmap(cpu, page);
            if (unmapped == RmapWalk.SWAP_FAIL) {
                return activate(cpu, page);
            }
            if (unmapped == RmapWalk.SWAP_MLOCK) {
                swap.tryToFree(cpu, page);
            }
            if (unmapped != RmapWalk.SWAP_SUCCESS) {
                return unlock(cpu, page, KEEP);
            }
        }
        // A file page that was marked used is not worth a write yet (PAGEREF_RECLAIM_CLEAN).
        return writeAndFree(cpu, page, mayWrite && !(file && marked));
    }

    private int writeAndFree(Cpu cpu, long page, boolean mayWrite) {
        if (Page.test(cpu, page, Page.PG_DIRTY)) {
            // Somebody else's reference would keep the page anyhow: no use in writing it.
            if (!mayWrite || Page.COUNT.readOnce(cpu, page) != 2 || isOrphan(cpu, page)) {
                return unlock(cpu, page, KEEP);
            }
            if (Page.test(cpu, page, Page.PG_SWAPCACHE)) {
                swap.writepage(cpu, page);
            } else {
                pageCache.writepage(cpu, page);
            }
            if (Page.test(cpu, page, Page.PG_WRITEBACK | Page.PG_DIRTY) || !pageLock.tryLock(cpu, page)) {
                return KEEP;
            }
            if (Page.test(cpu, page, Page.PG_WRITEBACK | Page.PG_DIRTY)) {
                return unlock(cpu, page, KEEP);
            }
        }
        boolean removed = Page.test(cpu, page, Page.PG_SWAPCACHE)
                ? swap.removeMapping(cpu, page)
                : hasFile(cpu, page) && pageCache.removeMapping(cpu, page);
        if (!removed) {
            return unlock(cpu, page, KEEP);
        }
        // Nobody has a reference any more, so nobody waits for the lock or writes the flags.
        Page.FLAGS.writeOnce(cpu, page, Page.FLAGS.get(cpu, page) & ~Page.PG_LOCKED);
        pages.freePages(cpu, page, 0);
        return FREED;
    }

    /**
     * True if nothing backs the page: it was read from swap, and its entry was freed before anybody mapped it. The
     * second reference, which looks like a cache's, is the reader's.
     */
    private static boolean isOrphan(Cpu cpu, long page) {
        return Page.MAPPING.readOnce(cpu, page) == 0 && !Page.test(cpu, page, Page.PG_SWAPCACHE);
    }

    private static boolean hasFile(Cpu cpu, long page) {
        long mapping = Page.MAPPING.readOnce(cpu, page);
        return mapping != 0 && (mapping & Page.MAPPING_FLAGS) == 0;
    }

    private int activate(Cpu cpu, long page) {
        if (swap.full(cpu)) {
            swap.tryToFree(cpu, page);
        }
        return unlock(cpu, page, ACTIVATE);
    }

    private int unlock(Cpu cpu, long page, int result) {
        pageLock.unlock(cpu, page);
        return result;
    }
}

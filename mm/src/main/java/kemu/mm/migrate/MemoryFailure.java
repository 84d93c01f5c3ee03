package kemu.mm.migrate;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.layout.Ref;
import kemu.mm.file.PageCache;
import kemu.mm.huge.HugePages;
import kemu.mm.page.Lru;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.PageTable;
import kemu.mm.rmap.AnonVmaIndex;
import kemu.mm.rmap.AnonVmaLocking;
import kemu.mm.rmap.PageRmap;
import kemu.mm.rmap.PageVma;
import kemu.mm.rmap.RmapVisit;
import kemu.mm.swap.Swap;
import kemu.mm.uapi.Errno;

/**
 * memory_failure: the memory of a frame has failed. Its page is taken from those who map it and is never used again;
 * whoever touches what is lost gets SIGBUS. What a file or the swap area has as well is read from there.
 *
 * <p>Source: Linux 2.6.36 mm/memory-failure.c. Signals are sent at the access only, as by default there; who would be
 * killed early is counted.
 */
public final class MemoryFailure {
    private static final int N_UNMAP_TRIES = 5;
    private static final long OF_THE_KERNEL =
            Page.PG_FREE | Page.PG_RESERVED | Page.PG_SLAB | Page.PG_TABLE | Page.PG_BUDDY;

    private final VmStat vmStat;
    private final PageLock pageLock;
    private final PageAllocator pages;
    private final Lru lru;
    private final Swap swap;
    private final PageCache pageCache;
    private final RmapVisit rmap;
    private final PoisonPte poison;
    private final CollectProcs collect;
    /** Null: there are no huge pages. */
    private final HugePages huge;

    /** {@code killsUnmapped}: see {@link MigrationRules#killsUnmapped}. Boot only. */
    public MemoryFailure(
            VmStat vmStat,
            PageLock pageLock,
            PageAllocator pages,
            Lru lru,
            Swap swap,
            PageTable pageTable,
            PageCache pageCache,
            AnonVmaLocking locking,
            AnonVmaIndex index,
            PageRmap pageRmap,
            PageVma pageVma,
            boolean killsUnmapped,
            HugePages huge) {
        this.huge = huge;
        this.vmStat = vmStat;
        this.pageLock = pageLock;
        this.pages = pages;
        this.lru = lru;
        this.swap = swap;
        this.pageCache = pageCache;
        rmap = new RmapVisit(locking, index);
        poison = new PoisonPte(pages, swap, pageTable, pageCache, pageRmap, pageVma);
        collect = new CollectProcs(vmStat, pageTable, pageVma, killsUnmapped);
    }

    /**
     * The frame numbered {@code pfn} has failed: 0 if nobody uses it any more, -EBUSY if somebody does. A page of the
     * kernel's own, and a free one, are left alone. Context: may sleep.
     */
    public int memoryFailure(Cpu cpu, long pfn) {
        long page = pages.pageOfPfn(pfn);
        int result = Errno.EBUSY;
        boolean small = huge == null || huge.splitAround(cpu, page);
        if (small && !Page.test(cpu, page, OF_THE_KERNEL) && Page.getUnlessZero(cpu, page)) {
            result = referenced(cpu, page);
        }
        vmStat.incLate(cpu, result == 0 ? VmStatItem.HWPOISON_RECOVERED : VmStatItem.HWPOISON_IGNORED);
        return result;
    }

    /** The page has a reference of ours, which keeps it from being used again. */
    private int referenced(Cpu cpu, long page) {
        // shake_page: pagevecs may refer to it.
        lru.drain(cpu);
        pageLock.lock(cpu, page);
        long mapping = Page.MAPPING.readOnce(cpu, page);
        boolean mine = mapping != 0 && (mapping & Page.MAPPING_FLAGS) != Page.MAPPING_FLAGS;
        if (!mine || Page.FLAGS.testAndSetBits(cpu, page, Page.PG_HWPOISON)) {
            pageLock.unlock(cpu, page);
            pages.putPage(cpu, page);
            return Errno.EBUSY;
        }
        pageLock.waitOnWriteback(cpu, page);
        if (lru.isolate(cpu, page)) {
            Page.FLAGS.clearBits(cpu, page, Page.PG_ACTIVE | Page.PG_UNEVICTABLE);
            pages.putPage(cpu, page);
        }
        userMappings(cpu, page);
        clearMlocked(cpu, page);
        int result = Page.isMapped(cpu, page) ? Errno.EBUSY : leaveCache(cpu, page, mapping);
        pageLock.unlock(cpu, page);
        return result;
    }

    /** hwpoison_user_mappings: takes the page from whoever maps it, as lost unless a file has its contents. */
    private void userMappings(Cpu cpu, long page) {
        if (!Page.isMapped(cpu, page)) {
            return;
        }
        // A page of the swap cache is lost, if it is, to whoever swaps it in.
        boolean lost = !Page.test(cpu, page, Page.PG_SWAPCACHE)
                && (Page.isAnon(cpu, page) || Page.test(cpu, page, Page.PG_DIRTY));
        if (lost) {
            rmap.mapped(cpu, page, collect, 0);
        }
        // A walk passes a pte that is just being replaced, and that counts until it has been.
        for (int i = 0; i < N_UNMAP_TRIES && Page.isMapped(cpu, page); i++) {
            rmap.mapped(cpu, page, poison, lost ? PoisonPte.LOST : 0);
            cpu.tell(Event.RMAP_WALKED, page, Event.MAY_MISS);
        }
    }

    /** What munlock would do of a page that a locked VMA has lost: it is not freed, where that would be made good. */
    private void clearMlocked(Cpu cpu, long page) {
        if (!Page.isMapped(cpu, page) && Page.FLAGS.testAndClearBits(cpu, page, Page.PG_MLOCKED)) {
            vmStat.add(cpu, VmStatItem.NR_MLOCK, -1);
            vmStat.inc(cpu, VmStatItem.UNEVICTABLE_PGCLEARED);
        }
    }

    /** page_action: 0 if the page is in no cache any more. Context: page lock, mapped nowhere. */
    private int leaveCache(Cpu cpu, long page, long mapping) {
        if (Page.test(cpu, page, Page.PG_SWAPCACHE)) {
            // me_swapcache_dirty: it stays in the cache, where a fault finds that it has failed; else the block is as
            // new.
            if (Page.test(cpu, page, Page.PG_DIRTY)) {
                return Errno.EBUSY;
            }
            swap.deleteFromCache(cpu, page);
            return 0;
        }
        if ((mapping & Page.MAPPING_ANON) != 0) {
            return 0;
        }
        pageCache.cancelDirty(cpu, page);
        if (!pageCache.removeMapping(cpu, page)) {
            return Errno.EBUSY;
        }
        // page_unfreeze_refs: ours.
        Page.COUNT.release(cpu, page, 1);
        return 0;
    }

    /** True if the frame of {@code page} has failed. */
    public static boolean isPoisoned(Cpu cpu, @Ref(Page.class) long page) {
        return Page.test(cpu, page, Page.PG_HWPOISON);
    }
}

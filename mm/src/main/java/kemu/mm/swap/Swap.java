package kemu.mm.swap;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Tags;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.hw.mem.PhysMem;
import kemu.hw.order.Barriers;
import kemu.kernel.context.Preempt;
import kemu.mm.page.Gfp;
import kemu.mm.page.Lru;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;
import kemu.mm.uapi.Errno;

/**
 * The swap area: entries with use counts, and the swap cache.
 *
 * <p>A page in the cache and its block may differ only while the page is dirty. A page leaves the cache clean, or with
 * its last entry user. Source: Linux 2.6.36 mm/swapfile.c, mm/swap_state.c, mm/page_io.c.
 */
public final class Swap {
    /** Contents before PG_UPTODATE; pairs with the acquire of the page lock by who waits for the read. */
    private static final int CONTENTS_VALID = Barriers.release("swap.CONTENTS_VALID");

    private static final int READ_TAG = Tags.tag("swap_readpage");
    private static final int WRITE_TAG = Tags.tag("swap_writepage");
    private static final int KIB_PER_PAGE = PhysMem.PAGE_SIZE / 1024;

    private final PageAllocator pages;
    private final Lru lru;
    private final PageLock pageLock;
    private final VmStat vmStat;
    private final SwapArea area;
    private final SwapCache cache;

    /**
     * What the swap area needs of boot's memory: it is taken before the page allocator takes the rest.
     *
     * @param area entries and blocks
     * @param slots address of the swap cache's slots
     */
    public record Memory(SwapArea area, long slots) {
        /** Takes the memory of an area of {@code pages} entries. Boot only. */
        public static Memory reserve(Machine machine, int pages) {
            SwapArea area = new SwapArea(machine, pages);
            return new Memory(area, SwapCache.reserve(machine, area));
        }
    }

    /** The swap area in {@code memory}. Boot only. */
    public Swap(Memory memory, PageAllocator pages, Lru lru, PageLock pageLock, VmStat vmStat) {
        this.pages = pages;
        this.lru = lru;
        this.pageLock = pageLock;
        this.vmStat = vmStat;
        area = memory.area();
        cache = new SwapCache(memory.slots(), area, pages, vmStat);
    }

    /** get_swap_page: a free entry that only the caller knows, held as the cache holds it, or 0 if the area is full. */
    public long getSwapPage(Cpu cpu) {
        return area.take(cpu);
    }

    /**
     * add_to_swap: gives an anonymous page an entry and puts it in the swap cache, dirty; false if the area is full.
     * Context: page lock.
     */
    public boolean addToSwap(Cpu cpu, @Ref(Page.class) long page) {
        Preempt.disable(cpu);
        long entry = area.take(cpu);
        if (entry != 0) {
            cache.add(cpu, page, entry);
        }
        Preempt.enable(cpu);
        if (entry == 0) {
            return false;
        }
        Page.FLAGS.setBits(cpu, page, Page.PG_DIRTY);
        return true;
    }

    /** swap_duplicate: one more pte holds the entry. Context: pte lock. */
    public void duplicate(Cpu cpu, long entry) {
        area.duplicate(cpu, entry);
    }

    /** swap_free: one pte less. */
    public void free(Cpu cpu, long entry) {
        area.free(cpu, entry);
    }

    /**
     * free_swap_and_cache: one pte less; if it was the last, the cached page goes too, unless somebody has it locked
     * (then reclaim finds it). Context: pte lock.
     */
    public void freeSwapAndCache(Cpu cpu, long entry) {
        long page = Cpu.NULL;
        area.lock(cpu);
        if (area.drop(cpu, entry, 1) == SwapArea.SWAP_HAS_CACHE) {
            // Under swap_lock the entry cannot be freed and used for another page.
            page = cache.lookup(cpu, entry);
        }
        area.unlock(cpu);
        if (page == Cpu.NULL) {
            return;
        }
        if (pageLock.tryLock(cpu, page)) {
            long flags = Page.FLAGS.readOnce(cpu, page);
            // Locked now: it may have left the cache, and even come back for another entry, since we looked.
            if ((flags & (Page.PG_SWAPCACHE | Page.PG_WRITEBACK)) == Page.PG_SWAPCACHE
                    && Page.PRIVATE.get(cpu, page) == entry
                    && (!Page.isMapped(cpu, page) || full(cpu))
                    && area.onlyCached(cpu, entry)) {
                deleteFromCache(cpu, page);
                Page.FLAGS.setBits(cpu, page, Page.PG_DIRTY);
            }
            pageLock.unlock(cpu, page);
        }
        pages.putPage(cpu, page);
    }

    /**
     * lookup_swap_cache: the page with a reference, or NULL. The caller locks it and checks that it still has the
     * entry.
     */
    public @Ref(Page.class) long lookup(Cpu cpu, long entry) {
        return cache.lookup(cpu, entry);
    }

    /**
     * read_swap_cache_async: the page of the entry, in the cache, with a reference; NULL if the entry is free, so that
     * whoever had it read has looked at an old pte, or -ENOMEM. The page is up to date once it can be locked. Readahead
     * of neighbouring entries would start here. Context: may sleep.
     */
    public @Ref(Page.class) long readIn(Cpu cpu, long entry) {
        long fresh = Cpu.NULL;
        long found = cache.lookup(cpu, entry);
        // Ends: somebody else who has claimed the entry fills or frees it without being preempted.
        while (found == Cpu.NULL) {
            if (fresh == Cpu.NULL) {
                fresh = pages.allocPages(cpu, Gfp.USER, 0);
                if (fresh == Cpu.NULL) {
                    return Errno.ENOMEM;
                }
            }
            int claimed = claim(cpu, entry, fresh);
            if (claimed > 0) {
                readpage(cpu, entry, fresh);
                return fresh;
            }
            if (claimed < 0) {
                break;
            }
            cpu.relax();
            found = cache.lookup(cpu, entry);
        }
        if (fresh != Cpu.NULL) {
            pages.putPage(cpu, fresh);
        }
        return found;
    }

    /**
     * Reads the block of {@code entry} into {@code page}, which only the caller knows and which stays out of the cache.
     */
    public void readPast(Cpu cpu, long entry, @Ref(Page.class) long page) {
        long start = cpu.clock();
        area.read(cpu, entry, pages.frameOf(page));
        vmStat.inc(cpu, VmStatItem.PSWPIN);
        vmStat.add(cpu, VmStatItem.PGPGIN, KIB_PER_PAGE);
        cpu.record(READ_TAG, cpu.clock() - start);
    }

    /**
     * Keeps {@code entry}, which is not in the cache, from being freed; false if somebody else has it, or it is free.
     */
    public boolean pin(Cpu cpu, long entry) {
        return area.pin(cpu, entry);
    }

    /** Undoes {@link #pin}. */
    public void unpin(Cpu cpu, long entry) {
        area.unpin(cpu, entry);
    }

    /** True if somebody has {@link #pin pinned} the entry; racy. */
    public boolean isPinned(Cpu cpu, long entry) {
        return area.isPinned(cpu, entry);
    }

    /** Puts {@code page}, locked, into the cache for {@code entry}; as {@link SwapArea#prepareCache}. */
    private int claim(Cpu cpu, long entry, long page) {
        Preempt.disable(cpu);
        int claimed = area.prepareCache(cpu, entry);
        if (claimed > 0) {
            // Nobody else writes the page's flags yet; the buddy of a block that is freed may look at them.
            Page.FLAGS.writeOnce(cpu, page, Page.FLAGS.get(cpu, page) | Page.PG_LOCKED | Page.PG_SWAPBACKED);
            cache.add(cpu, page, entry);
        }
        Preempt.enable(cpu);
        return claimed;
    }

    /** swap_readpage: fills the locked page from its block, adds it to the LRU and unlocks it. */
    private void readpage(Cpu cpu, long entry, long page) {
        long start = cpu.clock();
        area.read(cpu, entry, pages.frameOf(page));
        vmStat.inc(cpu, VmStatItem.PSWPIN);
        vmStat.add(cpu, VmStatItem.PGPGIN, KIB_PER_PAGE);
        cpu.fetchOr64(Page.FLAGS.of(page), Page.PG_UPTODATE, CONTENTS_VALID);
        lru.add(cpu, page, false);
        pageLock.unlock(cpu, page);
        cpu.record(READ_TAG, cpu.clock() - start);
    }

    /**
     * swap_writepage: writes a dirty page of the cache to its block and returns with the page unlocked: it is under
     * PG_WRITEBACK, not locked, while it is written. A page whose entry no pte holds any more leaves the cache instead,
     * dirty. Context: page lock, dropped here; the caller has a reference.
     */
    public void writepage(Cpu cpu, @Ref(Page.class) long page) {
        if (tryToFree(cpu, page)) {
            pageLock.unlock(cpu, page);
            return;
        }
        long start = cpu.clock();
        long entry = Page.PRIVATE.get(cpu, page);
        // Cleared before the copy: a store that the copy misses sets it again.
        Page.FLAGS.testAndClearBits(cpu, page, Page.PG_DIRTY);
        Page.FLAGS.setBits(cpu, page, Page.PG_WRITEBACK);
        vmStat.inc(cpu, VmStatItem.NR_WRITEBACK);
        pageLock.unlock(cpu, page);
        // PG_WRITEBACK keeps the page in the cache, and the cache keeps the entry.
        area.write(cpu, entry, pages.frameOf(page));
        vmStat.inc(cpu, VmStatItem.PSWPOUT);
        vmStat.add(cpu, VmStatItem.PGPGOUT, KIB_PER_PAGE);
        vmStat.add(cpu, VmStatItem.NR_WRITEBACK, -1);
        pageLock.endWriteback(cpu, page);
        cpu.record(WRITE_TAG, cpu.clock() - start);
    }

    /**
     * __remove_mapping for a swap-cache page with only the cache's and the caller's reference. On success its count is
     * 0 and the caller frees it. Context: page lock.
     */
    public boolean removeMapping(Cpu cpu, @Ref(Page.class) long page) {
        return cache.remove(cpu, page);
    }

    /**
     * migrate_page_move_mapping for a page of the swap cache: {@code fresh} takes its place and its entry, if only the
     * cache and the caller refer to it. Context: page lock of both; {@code fresh} is not up to date.
     */
    public boolean moveMapping(Cpu cpu, @Ref(Page.class) long fresh, @Ref(Page.class) long old) {
        return cache.replace(cpu, fresh, old);
    }

    /** try_to_free_swap: drops the cache if no pte holds the entry; the page is then dirty. Context: page lock. */
    public boolean tryToFree(Cpu cpu, @Ref(Page.class) long page) {
        long flags = Page.FLAGS.readOnce(cpu, page);
        if ((flags & (Page.PG_SWAPCACHE | Page.PG_WRITEBACK)) != Page.PG_SWAPCACHE
                || area.swapCount(cpu, Page.PRIVATE.get(cpu, page)) != 0) {
            return false;
        }
        deleteFromCache(cpu, page);
        Page.FLAGS.setBits(cpu, page, Page.PG_DIRTY);
        return true;
    }

    /**
     * reuse_swap_page: true if the caller is the only owner, so a write may reuse the page; drops the cache then unless
     * the page is being written. Context: page lock, which keeps ptes from becoming entries and entries from becoming
     * ptes.
     */
    public boolean reuse(Cpu cpu, @Ref(Page.class) long page) {
        int count = Page.MAPCOUNT.readOnce(cpu, page) + 1;
        long flags = Page.FLAGS.readOnce(cpu, page);
        if (count <= 1 && (flags & Page.PG_SWAPCACHE) != 0) {
            count += area.swapCount(cpu, Page.PRIVATE.get(cpu, page));
            if (count == 1 && (flags & Page.PG_WRITEBACK) == 0) {
                deleteFromCache(cpu, page);
                Page.FLAGS.setBits(cpu, page, Page.PG_DIRTY);
            }
        }
        return count <= 1;
    }

    /** delete_from_swap_cache. Context: page lock; the caller has a reference. */
    public void deleteFromCache(Cpu cpu, @Ref(Page.class) long page) {
        cache.delete(cpu, page);
    }

    /** vm_swap_full: more than half of the entries are used, so entries of resident pages are worth taking back. */
    public boolean full(Cpu cpu) {
        return area.free(cpu) * 2 < area.entries();
    }

    /** Drops every cached page that no pte needs. For the leak check at shutdown. Context: may sleep. */
    public void dropUnused(Cpu cpu) {
        for (long entry = 1; entry <= area.entries(); entry++) {
            long page = area.onlyCached(cpu, entry) ? cache.lookup(cpu, entry) : Cpu.NULL;
            if (page != Cpu.NULL) {
                pageLock.lock(cpu, page);
                pageLock.waitOnWriteback(cpu, page);
                tryToFree(cpu, page);
                pageLock.unlock(cpu, page);
                pages.putPage(cpu, page);
            }
        }
    }

    /** nr_swap_pages: free entries; racy. */
    public long freeEntries(Cpu cpu) {
        return area.free(cpu);
    }

    /** Entries in use; racy. */
    public long usedEntries(Cpu cpu) {
        return area.entries() - area.free(cpu);
    }

    /** Entries of the area. */
    public long capacity() {
        return area.entries();
    }

    /** SWAP_HAS_CACHE: true if a page is in the cache for {@code entry}, or about to be; racy. */
    public boolean hasCache(Cpu cpu, long entry) {
        return area.hasCache(cpu, entry);
    }

    /** swap_count: ptes that hold {@code entry}; racy. */
    public int swapCount(Cpu cpu, long entry) {
        return area.swapCount(cpu, entry);
    }
}

package kemu.mm.file;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.hw.mem.PhysMem;
import kemu.hw.order.Barriers;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.Sched;
import kemu.mm.page.Gfp;
import kemu.mm.page.Lru;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;
import kemu.mm.slab.SlabAllocator;
import kemu.mm.uapi.Errno;
import kemu.rcu.Rcu;

/**
 * Cached pages of files: a radix tree per file, read under RCU. The cache holds one reference on each of its pages.
 *
 * <p>A lockless reader takes a reference unless the count is 0, then looks again whether the tree still has the page
 * ({@link #find}); a remover turns a count of exactly two, the cache's and its own, into 0 in one step, so it either
 * wins against every reader or gives up ({@link #removeMapping}).
 *
 * <p>Source: Linux 2.6.36 mm/filemap.c find_get_page(), add_to_page_cache_locked(), mm/vmscan.c __remove_mapping().
 */
public final class PageCache {
    /** Contents before PG_UPTODATE; pairs with {@link #READ_CONTENTS}. */
    private static final int CONTENTS_VALID = Barriers.release("page_cache.CONTENTS_VALID");
    /** PG_UPTODATE before contents; pairs with {@link #CONTENTS_VALID}. */
    private static final int READ_CONTENTS = Barriers.acquire("page_cache.READ_CONTENTS");

    private static final int KIB_PER_PAGE = PhysMem.PAGE_SIZE / 1024;
    private static final int LAST_WORD = PhysMem.PAGE_SIZE / Long.BYTES - 1;

    private final Machine machine;
    private final Lru lru;
    private final Rcu rcu;
    private final PageAllocator pages;
    private final PageLock pageLock;
    private final VmStat vmStat;
    private final RadixTree tree;
    private final Disk disk;

    /** Boot only. */
    public PageCache(
            Machine machine,
            Rcu rcu,
            VmStat vmStat,
            PageLock pageLock,
            PageAllocator pages,
            Lru lru,
            SlabAllocator slabs) {
        this.machine = machine;
        this.lru = lru;
        this.rcu = rcu;
        this.pages = pages;
        this.pageLock = pageLock;
        this.vmStat = vmStat;
        tree = new RadixTree(machine, rcu, slabs);
        disk = new Disk(machine, pages, tree);
    }

    /**
     * find_get_page: the page with a reference, or NULL. Lockless; the page may be on its way out or not yet up to
     * date.
     */
    public @Ref(Page.class) long find(Cpu cpu, @Ref(AddressSpace.class) long mapping, long index) {
        long root = AddressSpace.PAGE_TREE.of(mapping);
        rcu.readLock(cpu);
        // Ends: a page with count 0 in the tree is being removed under the tree lock by a CPU that does not sleep.
        while (true) {
            long slot = RadixTree.lookupSlot(cpu, root, index);
            long page = slot == Cpu.NULL ? Cpu.NULL : cpu.loadDependent64(slot);
            if (page == Cpu.NULL) {
                rcu.readUnlock(cpu);
                return Cpu.NULL;
            }
            if (Page.getUnlessZero(cpu, page)) {
                if (cpu.readOnce64(slot) == page) {
                    rcu.readUnlock(cpu);
                    return page;
                }
                pages.putPage(cpu, page);
            } else {
                cpu.relax();
            }
        }
    }

    /**
     * The page, up to date, with a reference; read from the file if it was not cached (counts as major). NULL if memory
     * is out. Context: may sleep.
     */
    public @Ref(Page.class) long findOrRead(Cpu cpu, @Ref(AddressSpace.class) long mapping, long index) {
        // Ends: a page that is in the cache gets up to date; one that left it while we waited is read anew.
        while (true) {
            long page = find(cpu, mapping, index);
            if (page == Cpu.NULL) {
                page = readNew(cpu, mapping, index);
                if (page != EXISTS) {
                    return page;
                }
                continue;
            }
            if ((cpu.loadAcquire64(Page.FLAGS.of(page), READ_CONTENTS) & Page.PG_UPTODATE) != 0) {
                return page;
            }
            // The reader holds the lock until the page is up to date.
            pageLock.lock(cpu, page);
            boolean good = Page.MAPPING.readOnce(cpu, page) == mapping && Page.test(cpu, page, Page.PG_UPTODATE);
            pageLock.unlock(cpu, page);
            if (good) {
                return page;
            }
            pages.putPage(cpu, page);
        }
    }

    /** {@link #readNew} found the page there. */
    private static final long EXISTS = -1;

    private long readNew(Cpu cpu, long mapping, long index) {
        long page = pages.allocPages(cpu, Gfp.USER | Gfp.ZERO, 0);
        if (page == Cpu.NULL) {
            return Cpu.NULL;
        }
        // Nobody else writes the page's words but its count, which a late lockless reader may still raise and drop;
        // a block freed next to it looks whether it is its buddy.
        Page.FLAGS.writeOnce(cpu, page, Page.FLAGS.get(cpu, page) | Page.PG_LOCKED);
        Page.MAPPING.writeOnce(cpu, page, mapping);
        Page.INDEX.set(cpu, page, index);
        Page.get(cpu, page);
        int added = add(cpu, mapping, index, page);
        if (added != 0) {
            Page.FLAGS.clearBits(cpu, page, Page.PG_LOCKED);
            Page.MAPPING.writeOnce(cpu, page, 0);
            pages.putPage(cpu, page);
            pages.putPage(cpu, page);
            return added == Errno.EEXIST ? EXISTS : Cpu.NULL;
        }
        readpage(cpu, mapping, index, page);
        lru.add(cpu, page, false);
        pageLock.unlock(cpu, page);
        return page;
    }

    /** add_to_page_cache_locked: 0, -EEXIST or -ENOMEM. The reference for the cache is taken by the caller. */
    private int add(Cpu cpu, long mapping, long index, long page) {
        int result = tree.store(
                cpu, AddressSpace.PAGE_TREE.of(mapping), AddressSpace.TREE_LOCK.of(mapping), index, page, Gfp.KERNEL);
        if (result == 0) {
            AddressSpace.NRPAGES.add(cpu, mapping, 1);
            vmStat.inc(cpu, VmStatItem.NR_FILE_PAGES);
        }
        return result;
    }

    private void readpage(Cpu cpu, long mapping, long index, long page) {
        long frame = pages.frameOf(page);
        long host = AddressSpace.HOST.get(cpu, mapping);
        // After the page is in the tree: a truncation that does not see it there is seen here. Its blocks go next.
        boolean gone = host != Cpu.NULL && Inode.beyondEnd(cpu, host, index);
        int block = gone ? Disk.HOLE : disk.find(cpu, mapping, index);
        if (block >= 0) {
            disk.read(cpu, block, frame);
        } else if (block == Disk.NONE && (host == Cpu.NULL || Inode.keeps(cpu, host, index))) {
            long key = AddressSpace.KEY.get(cpu, mapping);
            cpu.write64(frame, contentsOf(key, index, 0));
            cpu.write64(frame + Long.BYTES, contentsOf(key, index, 1));
            cpu.write64(frame + LAST_WORD * Long.BYTES, contentsOf(key, index, LAST_WORD));
        }
        zeroBeyondEnd(cpu, host, page);
        vmStat.add(cpu, VmStatItem.PGPGIN, KIB_PER_PAGE);
        cpu.fetchOr64(Page.FLAGS.of(page), Page.PG_UPTODATE, CONTENTS_VALID);
    }

    /**
     * What word {@code word} (0..511) of page {@code index} of file {@code key} holds if it was never written. Only
     * words 0, 1 and 511 are filled, the rest is zero: filling all would cost more than the fault it serves.
     */
    public static long contentsOf(long key, long index, int word) {
        if (word > 1 && word < LAST_WORD) {
            return 0;
        }
        long mixed = (key * 0x9E3779B97F4A7C15L ^ index) * 0xBF58476D1CE4E5B9L + word;
        return (mixed ^ mixed >>> 29) * 0x94D049BB133111EBL | 1;
    }

    /** pagevec_lookup: the first page at or above {@code index}, with a reference; NULL if there is none. */
    public static @Ref(Page.class) long next(Cpu cpu, @Ref(AddressSpace.class) long mapping, long index) {
        long lock = AddressSpace.TREE_LOCK.of(mapping);
        long root = AddressSpace.PAGE_TREE.of(mapping);
        SpinLock.lockIrq(cpu, lock);
        long found = RadixTree.next(cpu, root, index);
        long page = found < 0 ? Cpu.NULL : RadixTree.lookup(cpu, root, found);
        if (page != Cpu.NULL) {
            // A page in the tree has the cache's reference while the lock is held.
            Page.get(cpu, page);
        }
        SpinLock.unlockIrq(cpu, lock);
        return page;
    }

    /** True if the file has a page in the cache. Exact, and ordered after removals, since it takes the tree lock. */
    boolean cached(Cpu cpu, @Ref(AddressSpace.class) long mapping) {
        SpinLock.lockIrq(cpu, AddressSpace.TREE_LOCK.of(mapping));
        boolean any = AddressSpace.PAGE_TREE.get(cpu, mapping) != Cpu.NULL;
        SpinLock.unlockIrq(cpu, AddressSpace.TREE_LOCK.of(mapping));
        return any;
    }

    /**
     * __remove_mapping for a file page: takes a page with only the cache's and the caller's reference out of the cache.
     * On success its count is 0 and the caller frees it. Context: page lock.
     */
    public boolean removeMapping(Cpu cpu, @Ref(Page.class) long page) {
        long mapping = Page.MAPPING.readOnce(cpu, page);
        long lock = AddressSpace.TREE_LOCK.of(mapping);
        SpinLock.lockIrq(cpu, lock);
        if (Page.COUNT.cmpxchg(cpu, page, 2, 0) != 2) {
            SpinLock.unlockIrq(cpu, lock);
            return false;
        }
        // After the count: whoever dirtied the page did so before dropping the reference we would have seen.
        if (Page.test(cpu, page, Page.PG_DIRTY)) {
            Page.COUNT.release(cpu, page, 2);
            SpinLock.unlockIrq(cpu, lock);
            return false;
        }
        tree.delete(cpu, AddressSpace.PAGE_TREE.of(mapping), Page.INDEX.get(cpu, page));
        AddressSpace.NRPAGES.add(cpu, mapping, -1);
        Page.MAPPING.writeOnce(cpu, page, 0);
        SpinLock.unlockIrq(cpu, lock);
        vmStat.add(cpu, VmStatItem.NR_FILE_PAGES, -1);
        return true;
    }

    /**
     * remove_from_page_cache: takes a page out of the cache whoever else has a reference. The cache's own is the
     * caller's to drop. Context: page lock; the page is the mapping's, mapped nowhere and not dirty.
     */
    void remove(Cpu cpu, @Ref(Page.class) long page) {
        long mapping = Page.MAPPING.readOnce(cpu, page);
        if (Page.isMapped(cpu, page)) {
            throw new KernelBug(
                    FailureKind.BAD_PAGE_STATE,
                    "BUG: a page leaves the page cache that is mapped: " + Page.describe(cpu, page));
        }
        long lock = AddressSpace.TREE_LOCK.of(mapping);
        SpinLock.lockIrq(cpu, lock);
        tree.delete(cpu, AddressSpace.PAGE_TREE.of(mapping), Page.INDEX.get(cpu, page));
        AddressSpace.NRPAGES.add(cpu, mapping, -1);
        Page.MAPPING.writeOnce(cpu, page, 0);
        SpinLock.unlockIrq(cpu, lock);
        vmStat.add(cpu, VmStatItem.NR_FILE_PAGES, -1);
    }

    /**
     * migrate_page_move_mapping: {@code fresh} takes the place of a page that only the cache and the caller refer to;
     * false if somebody else does. The cache's reference goes over to it. Context: page lock of both; {@code old} is
     * mapped nowhere, {@code fresh} has its mapping and index, and is not up to date.
     */
    public boolean moveMapping(Cpu cpu, @Ref(Page.class) long fresh, @Ref(Page.class) long old) {
        long mapping = Page.MAPPING.readOnce(cpu, old);
        long lock = AddressSpace.TREE_LOCK.of(mapping);
        SpinLock.lockIrq(cpu, lock);
        // page_freeze_refs: lookups wait until the slot names the other page.
        if (Page.COUNT.cmpxchg(cpu, old, 2, 0) != 2) {
            SpinLock.unlockIrq(cpu, lock);
            return false;
        }
        Page.get(cpu, fresh);
        RadixTree.replace(cpu, AddressSpace.PAGE_TREE.of(mapping), Page.INDEX.get(cpu, old), fresh);
        Page.COUNT.release(cpu, old, 1);
        SpinLock.unlockIrq(cpu, lock);
        return true;
    }

    /** cancel_dirty_page: what was written to the page is of no use any more. Context: page lock, mapped nowhere. */
    public void cancelDirty(Cpu cpu, @Ref(Page.class) long page) {
        if (Page.FLAGS.testAndClearBits(cpu, page, Page.PG_DIRTY)) {
            vmStat.add(cpu, VmStatItem.NR_DIRTY, -1);
        }
    }

    /**
     * set_page_dirty: the page's contents are newer than what backs it. Full order. Context: the caller has a
     * reference.
     */
    public void setPageDirty(Cpu cpu, @Ref(Page.class) long page) {
        if (!Page.FLAGS.testAndSetBits(cpu, page, Page.PG_DIRTY) && !Page.test(cpu, page, Page.PG_SWAPBACKED)) {
            vmStat.inc(cpu, VmStatItem.NR_DIRTY);
        }
    }

    /**
     * Writes a dirty page of a file back and returns with the page unlocked: it is under PG_WRITEBACK, not locked,
     * while it is written. A page that finds no block, the disk being full, stays dirty: false. Context: page lock,
     * dropped here; the caller has a reference; may sleep.
     */
    public boolean writepage(Cpu cpu, @Ref(Page.class) long page) {
        if (!Page.FLAGS.testAndClearBits(cpu, page, Page.PG_DIRTY)) {
            pageLock.unlock(cpu, page);
            return true;
        }
        vmStat.add(cpu, VmStatItem.NR_DIRTY, -1);
        long mapping = Page.MAPPING.readOnce(cpu, page);
        int block = disk.assign(cpu, mapping, Page.INDEX.get(cpu, page));
        if (block < 0) {
            setPageDirty(cpu, page);
            pageLock.unlock(cpu, page);
            return false;
        }
        Page.FLAGS.setBits(cpu, page, Page.PG_WRITEBACK);
        vmStat.inc(cpu, VmStatItem.NR_WRITEBACK);
        zeroBeyondEnd(cpu, AddressSpace.HOST.get(cpu, mapping), page);
        pageLock.unlock(cpu, page);
        disk.write(cpu, block, pages.frameOf(page));
        vmStat.add(cpu, VmStatItem.PGPGOUT, KIB_PER_PAGE);
        vmStat.add(cpu, VmStatItem.NR_WRITEBACK, -1);
        pageLock.endWriteback(cpu, page);
        return true;
    }

    /** Zero bytes behind the end of the file, on its last page: what users write there is never written out. */
    private void zeroBeyondEnd(Cpu cpu, long host, long page) {
        if (host != Cpu.NULL) {
            long used = Inode.I_SIZE.readOnce(cpu, host) - (Page.INDEX.get(cpu, page) << PhysMem.PAGE_SHIFT);
            if (used > 0 && used < PhysMem.PAGE_SIZE) {
                zeroUser(cpu, pages.frameOf(page), (int) used, PhysMem.PAGE_SIZE);
            }
        }
    }

    /** zero_user_segment: clears bytes [from, to) of a frame. RACE: users of a shared mapping may store there. */
    static void zeroUser(Cpu cpu, long frame, int from, int to) {
        for (int at = from & -Long.BYTES; at < to; at += Long.BYTES) {
            long kept = below(from - at) | ~below(to - at);
            long old = cpu.readOnce64(frame + at);
            if ((old & ~kept) != 0) {
                cpu.writeOnce64(frame + at, old & kept);
            }
        }
    }

    /** The lowest {@code bytes} of a word. */
    private static long below(int bytes) {
        return bytes <= 0 ? 0 : bytes >= Long.BYTES ? -1 : (1L << bytes * Byte.SIZE) - 1;
    }

    /**
     * invalidate_mapping_pages: writes back what is dirty, then removes every page nobody maps or holds. Context: may
     * sleep.
     */
    void dropPages(Cpu cpu, @Ref(AddressSpace.class) long mapping) {
        long page = next(cpu, mapping, 0);
        // Ends: every round moves the index up.
        while (page != Cpu.NULL) {
            long index = Page.INDEX.get(cpu, page);
            dropPage(cpu, mapping, page);
            Sched.of(machine).condResched(cpu);
            page = next(cpu, mapping, index + 1);
        }
    }

    private void dropPage(Cpu cpu, long mapping, long page) {
        pageLock.lock(cpu, page);
        if (Page.test(cpu, page, Page.PG_DIRTY) && Page.MAPPING.readOnce(cpu, page) == mapping) {
            writepage(cpu, page);
            pageLock.lock(cpu, page);
        }
        pageLock.waitOnWriteback(cpu, page);
        boolean removed =
                Page.MAPPING.readOnce(cpu, page) == mapping && !Page.isMapped(cpu, page) && removeMapping(cpu, page);
        if (removed) {
            // page_unfreeze_refs: ours is the only reference left; dropping it takes the page off the LRU as well.
            Page.COUNT.release(cpu, page, 1);
        }
        pageLock.unlock(cpu, page);
        pages.putPage(cpu, page);
    }

    /** Frees the blocks of a file that is going away. */
    void forgetBlocks(Cpu cpu, @Ref(AddressSpace.class) long mapping) {
        disk.forget(cpu, mapping, 0);
    }

    /** The disk behind the files. */
    Disk disk() {
        return disk;
    }

    /** Disk blocks in use; racy. */
    public long diskBlocks(Cpu cpu) {
        return disk.used(cpu);
    }
}

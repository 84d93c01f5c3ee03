package kemu.mm.file;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
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
        int block = disk.find(cpu, mapping, index);
        if (block >= 0) {
            disk.read(cpu, block, frame);
        } else {
            long key = AddressSpace.KEY.get(cpu, mapping);
            cpu.write64(frame, contentsOf(key, index, 0));
            cpu.write64(frame + Long.BYTES, contentsOf(key, index, 1));
            cpu.write64(frame + LAST_WORD * Long.BYTES, contentsOf(key, index, LAST_WORD));
        }
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
     * while it is written. A page that finds no block, the disk being full, stays dirty. Context: page lock, dropped
     * here; the caller has a reference; may sleep.
     */
    public void writepage(Cpu cpu, @Ref(Page.class) long page) {
        if (!Page.FLAGS.testAndClearBits(cpu, page, Page.PG_DIRTY)) {
            pageLock.unlock(cpu, page);
            return;
        }
        vmStat.add(cpu, VmStatItem.NR_DIRTY, -1);
        int block = disk.assign(cpu, Page.MAPPING.readOnce(cpu, page), Page.INDEX.get(cpu, page));
        if (block < 0) {
            setPageDirty(cpu, page);
            pageLock.unlock(cpu, page);
            return;
        }
        Page.FLAGS.setBits(cpu, page, Page.PG_WRITEBACK);
        vmStat.inc(cpu, VmStatItem.NR_WRITEBACK);
        pageLock.unlock(cpu, page);
        disk.write(cpu, block, pages.frameOf(page));
        vmStat.add(cpu, VmStatItem.PGPGOUT, KIB_PER_PAGE);
        vmStat.add(cpu, VmStatItem.NR_WRITEBACK, -1);
        pageLock.endWriteback(cpu, page);
    }

    /**
     * invalidate_mapping_pages: writes back what is dirty, then removes every page nobody maps or holds. Context: may
     * sleep.
     */
    void dropPages(Cpu cpu, @Ref(AddressSpace.class) long mapping) {
        long lock = AddressSpace.TREE_LOCK.of(mapping);
        long root = AddressSpace.PAGE_TREE.of(mapping);
        long index = 0;
        // Ends: every round moves the index up.
        while (index >= 0) {
            SpinLock.lockIrq(cpu, lock);
            index = RadixTree.next(cpu, root, index);
            long page = index < 0 ? Cpu.NULL : RadixTree.lookup(cpu, root, index);
            if (page != Cpu.NULL) {
                // A page in the tree has the cache's reference while the lock is held.
                Page.get(cpu, page);
            }
            SpinLock.unlockIrq(cpu, lock);
            if (page == Cpu.NULL) {
                return;
            }
            dropPage(cpu, mapping, page);
            index++;
            Sched.of(machine).condResched(cpu);
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
        disk.forget(cpu, mapping);
    }

    /** Disk blocks in use; racy. */
    public long diskBlocks(Cpu cpu) {
        return disk.used(cpu);
    }
}

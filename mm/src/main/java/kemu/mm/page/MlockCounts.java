package kemu.mm.page;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.kernel.locking.SpinLock;

/**
 * Pages on the unevictable list count the locked VMAs that map them, so that munlock needs no walk. The count is too
 * low for mappings made while the page was off its list; reclaim, which meets such a page on an evictable list, mends
 * that. PG_mlocked is what decides.
 *
 * <p>The kernel takes a page off its list by clearing PG_lru before it has the lock, and collects pages in a pagevec;
 * here both happen under the lock, for one page at once. What is kept is that a page that is on no list is not waited
 * for. The count lies over {@link Page#SLAB_CACHE}, in the kernel over half of the link, since nobody walks the
 * unevictable list there. Source: Linux 5.18 mm/mlock.c, __mlock_page(), __munlock_page().
 */
public final class MlockCounts extends DecidingLruLists {
    private final VmStat vmStat;
    private final LruEvictable evictable;
    private final long lock;

    MlockCounts(@Ref(Zone.class) long zone, VmStat vmStat, LruRules rules, LruEvictable evictable) {
        super(zone, vmStat, rules, evictable);
        this.vmStat = vmStat;
        this.evictable = evictable;
        lock = Zone.LRU_LOCK.of(zone);
    }

    private static void setCount(Cpu cpu, long page, long count) {
        cpu.write64(Page.SLAB_CACHE.of(page), count);
    }

    @Override
    void toUnevictable(Cpu cpu, @Ref(Page.class) long page) {
        // Whoever mlocked it meanwhile may count it yet: rather too low.
        setCount(cpu, page, 0);
    }

    /** mlock_new_page: a page that nobody else can see, and that is on no list. */
    public void mlockNew(Cpu cpu, @Ref(Page.class) long page) {
        long flags = Page.FLAGS.get(cpu, page) | Page.PG_MLOCKED | Page.PG_UNEVICTABLE;
        Page.FLAGS.writeOnce(cpu, page, flags);
        countMlocked(cpu);
        SpinLock.lockIrq(cpu, lock);
        setCount(cpu, page, 1);
        link(cpu, page);
        SpinLock.unlockIrq(cpu, lock);
        vmStat.inc(cpu, VmStatItem.UNEVICTABLE_PGCULLED);
    }

    private void countMlocked(Cpu cpu) {
        vmStat.inc(cpu, VmStatItem.NR_MLOCK);
        vmStat.inc(cpu, VmStatItem.UNEVICTABLE_PGMLOCKED);
    }

    /** mlock_page: one more locked VMA maps the page. Context: pte lock. */
    public void mlock(Cpu cpu, @Ref(Page.class) long page) {
        if (!Page.FLAGS.testAndSetBits(cpu, page, Page.PG_MLOCKED)) {
            countMlocked(cpu);
        }
        if (!lockIfLinked(cpu, page)) {
            return;
        }
        boolean unevictable = Page.test(cpu, page, Page.PG_UNEVICTABLE);
        if (evictable.test(cpu, page)) {
            if (unevictable) {
                rescue(cpu, page);
            }
        } else if (unevictable) {
            if (Page.test(cpu, page, Page.PG_MLOCKED)) {
                setCount(cpu, page, cpu.read64(Page.SLAB_CACHE.of(page)) + 1);
            }
        } else {
            relink(cpu, page, Page.PG_UNEVICTABLE, Page.PG_ACTIVE);
            setCount(cpu, page, Page.test(cpu, page, Page.PG_MLOCKED) ? 1 : 0);
            vmStat.inc(cpu, VmStatItem.UNEVICTABLE_PGCULLED);
        }
        SpinLock.unlockIrq(cpu, lock);
    }

    /**
     * munlock_page: one locked VMA less maps the page. A page that is on no list is munlocked at once, whatever other
     * VMAs map it, and without the lock. Context: pte lock.
     *
     * @param alwaysLocked true to take the lock for that, too, which no kernel does
     */
    public void munlock(Cpu cpu, @Ref(Page.class) long page, boolean alwaysLocked) {
        boolean linked = lockIfLinked(cpu, page);
        if (!linked && alwaysLocked) {
            SpinLock.lockIrq(cpu, lock);
            linked = Page.test(cpu, page, Page.PG_LRU);
        }
        if (!linked || !stillCounted(cpu, page)) {
            munlockLast(cpu, page, linked);
        }
        if (linked || alwaysLocked) {
            SpinLock.unlockIrq(cpu, lock);
        }
    }

    /** Takes one off the count; true if others remain. */
    private static boolean stillCounted(Cpu cpu, long page) {
        if (!Page.test(cpu, page, Page.PG_UNEVICTABLE)) {
            return false;
        }
        long count = cpu.read64(Page.SLAB_CACHE.of(page));
        if (count > 0) {
            setCount(cpu, page, count - 1);
        }
        return count > 1;
    }

    private void munlockLast(Cpu cpu, long page, boolean linked) {
        if (Page.FLAGS.testAndClearBits(cpu, page, Page.PG_MLOCKED)) {
            vmStat.add(cpu, VmStatItem.NR_MLOCK, -1);
            boolean stranded = !linked && Page.test(cpu, page, Page.PG_UNEVICTABLE);
            vmStat.inc(cpu, stranded ? VmStatItem.UNEVICTABLE_PGSTRANDED : VmStatItem.UNEVICTABLE_PGMUNLOCKED);
        }
        if (linked && Page.test(cpu, page, Page.PG_UNEVICTABLE) && evictable.test(cpu, page)) {
            rescue(cpu, page);
        }
    }

    private void rescue(Cpu cpu, long page) {
        relink(cpu, page, 0, Page.PG_UNEVICTABLE);
        vmStat.inc(cpu, VmStatItem.UNEVICTABLE_PGRESCUED);
    }

    private boolean lockIfLinked(Cpu cpu, long page) {
        if (!looksLinked(cpu, page)) {
            return false;
        }
        SpinLock.lockIrq(cpu, lock);
        if (Page.test(cpu, page, Page.PG_LRU)) {
            return true;
        }
        SpinLock.unlockIrq(cpu, lock);
        return false;
    }
}

package kemu.mm.page;

import java.util.function.LongConsumer;
import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.hw.order.Barriers;
import kemu.kernel.context.Preempt;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.Sched;
import kemu.rcu.list.ListHead;

/**
 * The LRU lists of the zone and the per-CPU pagevecs in front of them.
 *
 * <p>PG_LRU is set exactly while the page is linked on a list, and PG_UNEVICTABLE, PG_ACTIVE and PG_SWAPBACKED say
 * which. Whoever takes a page off its list ({@link #isolate}) decides where it goes next.
 *
 * <p>Source: Linux 2.6.36 mm/swap.c and mm/vmscan.c; one pagevec for all lists, as in later versions.
 */
public final class Lru implements LruRemoval {
    /** Lists, in the order of their counters in {@link VmStat}. */
    public static final int INACTIVE_ANON = 0, ACTIVE_ANON = 1, INACTIVE_FILE = 2, ACTIVE_FILE = 3, UNEVICTABLE = 4;

    /**
     * Writer side of SB+putback+munlock: PG_LRU is set, <b>full fence</b>, then PG_MLOCKED is loaded. Pairs with the
     * fully ordered clearing of PG_MLOCKED in munlock, which is followed by the load of PG_LRU in {@link #isolate}.
     * Without it both can miss each other and the page stays stranded on the unevictable list. Source: 6a7b95481d49,
     * 2.6.32-rc6.
     */
    public static final int PUTBACK_UNEVICTABLE = Barriers.fence("lru.PUTBACK_UNEVICTABLE");

    /**
     * The same for a page that leaves its pagevec, where PG_MLOCKED is loaded under the lock: that does not help, since
     * munlock that finds PG_LRU clear never takes it. Source: 9c4e6b1a7027, Linux 4.16; gone in 5.18.
     */
    public static final int ADD_DECIDED = Barriers.fence("lru.ADD_DECIDED");

    /**
     * SHM_UNLOCK since 5.11: the file's flag is cleared, <b>full order</b>, then PG_LRU is loaded without the lock.
     * Pairs with {@link #PUTBACK_UNEVICTABLE}, which is between PG_LRU and the look at the file's flag. Source: Linux
     * 5.11 mm/vmscan.c, check_move_unevictable_pages(), TestClearPageLRU.
     */
    public static final int RESCUE = Barriers.full("lru.RESCUE");

    private final Machine machine;
    private final PageAllocator pages;
    private final VmStat vmStat;
    private final LruRules rules;
    private final LruEvictable evictable;
    private final LruLists lists;
    /** Null: mlock does not count mappings. */
    private final MlockCounts mlockCounts;

    private final long lock;
    private final int addVec;
    private final int activateVec;
    private final int drainCall;

    /** Boot only. */
    public Lru(Machine machine, VmStat vmStat, PageAllocator pages, LruRules rules) {
        this.machine = machine;
        this.rules = rules;
        this.pages = pages;
        this.vmStat = vmStat;
        evictable = new LruEvictable(pages.zone());
        lock = Zone.LRU_LOCK.of(pages.zone());
        mlockCounts = rules.counts() ? new MlockCounts(pages.zone(), vmStat, rules, evictable) : null;
        lists = mlockCounts != null ? mlockCounts : listsThatDoNotCount(pages.zone());
        addVec = machine.reservePerCpu(Pagevec.BYTES);
        activateVec = machine.reservePerCpu(Pagevec.BYTES);
        drainCall = Sched.of(machine).crossCalls().register((cpu, argument) -> drain(cpu));
        pages.lru(this);
    }

    private LruLists listsThatDoNotCount(long zone) {
        return rules.decidesUnderLock()
                ? new DecidingLruLists(zone, vmStat, rules, evictable)
                : new LruLists(zone, vmStat, rules.bit().make());
    }

    /** What mlock does to pages that count the locked VMAs that map them; null if they do not. */
    public MlockCounts mlockCounts() {
        return mlockCounts;
    }

    /**
     * lru_cache_add: puts a page that is on no list in this CPU's pagevec, with a reference of its own; it goes to the
     * list that its flags name once the pagevec is full or drained. {@code active} sets PG_ACTIVE first. Context: any.
     */
    public void add(Cpu cpu, @Ref(Page.class) long page, boolean active) {
        if (active) {
            Page.FLAGS.setBits(cpu, page, Page.PG_ACTIVE);
        }
        Page.get(cpu, page);
        long vec = cpu.area() + addVec;
        if (Pagevec.add(cpu, vec, page)) {
            drainAdd(cpu, vec);
        }
    }

    /** Interrupts stay disabled until the pagevec is empty: {@link #drainAll} comes by interrupt. */
    private void drainAdd(Cpu cpu, long vec) {
        Preempt.irqDisable(cpu);
        int count = Pagevec.count(cpu, vec);
        SpinLock.lock(cpu, lock);
        for (int i = 0; i < count; i++) {
            lists.add(cpu, Pagevec.page(cpu, vec, i));
        }
        SpinLock.unlock(cpu, lock);
        release(cpu, vec, count);
        Preempt.irqEnable(cpu);
    }

    /** Takes lru_lock, with interrupts disabled. */
    public void lockIrq(Cpu cpu) {
        SpinLock.lockIrq(cpu, lock);
    }

    /** Releases it. */
    public void unlockIrq(Cpu cpu) {
        SpinLock.unlockIrq(cpu, lock);
    }

    private void release(Cpu cpu, long vec, int count) {
        pages.releasePages(cpu, Pagevec.pages(vec), count);
        Pagevec.reset(cpu, vec);
    }

    /**
     * add_page_to_unevictable_list: for a page on no list, whose caller has a reference. Where the pagevec decides it
     * goes there.
     */
    public void addUnevictable(Cpu cpu, @Ref(Page.class) long page) {
        if (rules.decidesUnderLock()) {
            add(cpu, page, false);
            return;
        }
        SpinLock.lockIrq(cpu, lock);
        Page.FLAGS.setBits(cpu, page, Page.PG_UNEVICTABLE);
        lists.link(cpu, page);
        SpinLock.unlockIrq(cpu, lock);
    }

    /** activate_page: moves the page to the active list, through this CPU's pagevec. The caller has a reference. */
    public void activate(Cpu cpu, @Ref(Page.class) long page) {
        if (!wantsActivation(Page.FLAGS.readOnce(cpu, page))) {
            return;
        }
        Page.get(cpu, page);
        long vec = cpu.area() + activateVec;
        if (Pagevec.add(cpu, vec, page)) {
            drainActivate(cpu, vec);
        }
    }

    private static boolean wantsActivation(long flags) {
        return (flags & (Page.PG_LRU | Page.PG_ACTIVE | Page.PG_UNEVICTABLE)) == Page.PG_LRU;
    }

    private void drainActivate(Cpu cpu, long vec) {
        Preempt.irqDisable(cpu);
        int count = Pagevec.count(cpu, vec);
        int activated = 0;
        SpinLock.lock(cpu, lock);
        for (int i = 0; i < count; i++) {
            long page = Pagevec.page(cpu, vec, i);
            if (wantsActivation(Page.FLAGS.readOnce(cpu, page))) {
                lists.relink(cpu, page, Page.PG_ACTIVE, 0);
                activated++;
            }
        }
        SpinLock.unlock(cpu, lock);
        vmStat.add(cpu, VmStatItem.PGACTIVATE, activated);
        release(cpu, vec, count);
        Preempt.irqEnable(cpu);
    }

    /** mark_page_accessed: inactive,unreferenced, then inactive,referenced, then active. */
    public void markAccessed(Cpu cpu, @Ref(Page.class) long page) {
        long flags = Page.FLAGS.readOnce(cpu, page);
        if ((flags & Page.PG_REFERENCED) == 0) {
            Page.FLAGS.setBits(cpu, page, Page.PG_REFERENCED);
        } else if (wantsActivation(flags)) {
            activate(cpu, page);
            Page.FLAGS.clearBits(cpu, page, Page.PG_REFERENCED);
        }
    }

    /** rotate_reclaimable_page: an inactive, clean page whose writeback ended goes to the cold end of its list. */
    public void rotateReclaimable(Cpu cpu, @Ref(Page.class) long page) {
        long busy = Page.PG_LOCKED | Page.PG_DIRTY | Page.PG_ACTIVE | Page.PG_UNEVICTABLE;
        if ((Page.FLAGS.readOnce(cpu, page) & (busy | Page.PG_LRU)) != Page.PG_LRU) {
            return;
        }
        SpinLock.lockIrq(cpu, lock);
        if ((Page.FLAGS.readOnce(cpu, page) & (Page.PG_LRU | Page.PG_ACTIVE | Page.PG_UNEVICTABLE)) == Page.PG_LRU) {
            lists.rotate(cpu, page);
            vmStat.inc(cpu, VmStatItem.PGROTATED);
        }
        SpinLock.unlockIrq(cpu, lock);
    }

    /**
     * isolate_lru_page: takes the page off its list with a reference for the caller; false if it is on none. The caller
     * has a reference already. Afterwards PG_ACTIVE and PG_UNEVICTABLE say where the page was.
     */
    public boolean isolate(Cpu cpu, @Ref(Page.class) long page) {
        if (!lists.looksLinked(cpu, page)) {
            return false;
        }
        boolean taken = false;
        SpinLock.lockIrq(cpu, lock);
        if (Page.test(cpu, page, Page.PG_LRU) && Page.getUnlessZero(cpu, page)) {
            lists.unlink(cpu, page);
            taken = true;
        }
        SpinLock.unlockIrq(cpu, lock);
        return taken;
    }

    /**
     * lru_add_page_tail: {@code page}, which nobody can see yet, is part of a huge page that is being split; it has
     * {@code flags} now and is on the list that they name, which counts it at {@link #unhuge}. Context: lru_lock.
     */
    public void linkSplit(Cpu cpu, @Ref(Page.class) long page, long flags) {
        lists.linkSplit(cpu, page, flags);
    }

    /** The end of that: {@code page}, the first, is a small one, and the others are counted. Context: lru_lock. */
    public void unhuge(Cpu cpu, @Ref(Page.class) long page, long flags) {
        lists.unhuge(cpu, page, flags);
    }

    /** page_evictable: false if a locked VMA maps the page, or SHM_LOCK holds its file. */
    public boolean isEvictable(Cpu cpu, @Ref(Page.class) long page) {
        return evictable.test(cpu, page);
    }

    /** Sets who knows which files hold their pages. Boot only. */
    public void unevictableMappings(UnevictableMappings mappings) {
        evictable.mappings(mappings);
    }

    /** One more such file, or one less: while there is none, nobody asks. */
    public void countUnevictableMappings(Cpu cpu, long delta) {
        evictable.count(cpu, delta);
    }

    /**
     * check_move_unevictable_page: {@code page}, whose file has just let go of it, leaves the unevictable list if it is
     * there. If it is on its way there, who brings it looks again. Context: a reference.
     */
    public void rescue(Cpu cpu, @Ref(Page.class) long page) {
        vmStat.inc(cpu, VmStatItem.UNEVICTABLE_PGSCANNED);
        // TestClearPageLRU orders the look after the clearing of the file's flag.
        if (rules.rescueLooksFirst() && !lists.looksLinkedOrdered(cpu, page)) {
            return;
        }
        SpinLock.lockIrq(cpu, lock);
        long both = Page.PG_LRU | Page.PG_UNEVICTABLE;
        if ((Page.FLAGS.readOnce(cpu, page) & both) == both && isEvictable(cpu, page)) {
            lists.relink(cpu, page, 0, Page.PG_UNEVICTABLE);
            vmStat.inc(cpu, VmStatItem.UNEVICTABLE_PGRESCUED);
        }
        SpinLock.unlockIrq(cpu, lock);
    }

    /** putback_lru_page: back on the list its flags say, caller's reference dropped. */
    public void putback(Cpu cpu, @Ref(Page.class) long page) {
        if (rules.decidesUnderLock()) {
            add(cpu, page, false);
            pages.putPage(cpu, page);
            return;
        }
        long flags = Page.FLAGS.readOnce(cpu, page);
        boolean wasUnevictable = (flags & Page.PG_UNEVICTABLE) != 0;
        boolean toEvictable;
        boolean again;
        // Ends: a further round needs another munlock of the same page in between.
        do {
            again = false;
            if (Page.test(cpu, page, Page.PG_UNEVICTABLE)) {
                Page.FLAGS.clearBits(cpu, page, Page.PG_UNEVICTABLE);
            }
            toEvictable = isEvictable(cpu, page);
            if (toEvictable) {
                add(cpu, page, false);
            } else {
                Page.FLAGS.clearBits(cpu, page, Page.PG_ACTIVE);
                addUnevictable(cpu, page);
                if (rules.barrier()) {
                    cpu.smpMb(PUTBACK_UNEVICTABLE);
                }
                if (isEvictable(cpu, page) && isolate(cpu, page)) {
                    // Munlocked before it was on the list, so munlock could not isolate it.
                    pages.putPage(cpu, page);
                    again = true;
                }
            }
        } while (again);
        if (wasUnevictable && toEvictable) {
            vmStat.inc(cpu, VmStatItem.UNEVICTABLE_PGRESCUED);
        } else if (!wasUnevictable && !toEvictable) {
            vmStat.inc(cpu, VmStatItem.UNEVICTABLE_PGCULLED);
        }
        pages.putPage(cpu, page);
    }

    /** lru_add_drain: empties this CPU's pagevecs. */
    public void drain(Cpu cpu) {
        long add = cpu.area() + addVec;
        if (Pagevec.count(cpu, add) != 0) {
            drainAdd(cpu, add);
        }
        long activate = cpu.area() + activateVec;
        if (Pagevec.count(cpu, activate) != 0) {
            drainActivate(cpu, activate);
        }
    }

    /** lru_add_drain_all: by cross call on every CPU. Context: interrupts enabled. */
    public void drainAll(Cpu cpu) {
        drain(cpu);
        if (machine.running()) {
            Sched.of(machine)
                    .crossCalls()
                    .callMany(cpu, Sched.of(machine).crossCalls().allCpus(), drainCall, 0);
        }
    }

    @Override
    public void removeForFree(Cpu cpu, @Ref(Page.class) long page) {
        SpinLock.lockIrq(cpu, lock);
        lists.unlinkUnreferenced(cpu, page);
        SpinLock.unlockIrq(cpu, lock);
    }

    @Override
    public void removeForFree(Cpu cpu, long array, int count) {
        boolean locked = false;
        for (int i = 0; i < count; i++) {
            long page = cpu.read64(array + (long) i * Long.BYTES);
            if (Page.test(cpu, page, Page.PG_LRU)) {
                if (!locked) {
                    SpinLock.lockIrq(cpu, lock);
                    locked = true;
                }
                lists.unlinkUnreferenced(cpu, page);
            }
        }
        if (locked) {
            SpinLock.unlockIrq(cpu, lock);
        }
    }

    /** Hands every page in the pagevecs of the CPU whose area is at {@code area} to {@code visitor}; for reports. */
    void forEachInPagevecs(Cpu cpu, long area, LongConsumer visitor) {
        for (long vec : new long[] {area + addVec, area + activateVec}) {
            for (int i = 0; i < Pagevec.count(cpu, vec); i++) {
                visitor.accept(Pagevec.page(cpu, vec, i));
            }
        }
    }

    /** Pages on {@code list}; racy. */
    public long size(Cpu cpu, int list) {
        return vmStat.zone(cpu, VmStatItem.ofList(list));
    }

    /**
     * isolate_lru_pages: moves up to {@code most} pages from the cold end of {@code list} to the private list at
     * {@code into}, each with a reference for the caller, and counts them as isolated. Pages about to be freed are
     * passed over.
     *
     * @return pages isolated
     */
    public int isolateBatch(Cpu cpu, int list, int most, @Ref(ListHead.class) long into) {
        int taken = 0;
        SpinLock.lockIrq(cpu, lock);
        for (int scanned = 0; scanned < most; scanned++) {
            long page = lists.coldest(cpu, list);
            if (page == Cpu.NULL) {
                break;
            }
            if (Page.getUnlessZero(cpu, page)) {
                lists.unlink(cpu, page);
                ListHead.add(cpu, Page.LRU.of(page), into);
                taken++;
            } else {
                lists.moveToHotEnd(cpu, page, list);
            }
        }
        SpinLock.unlockIrq(cpu, lock);
        vmStat.add(cpu, isolatedItem(list), taken);
        return taken;
    }

    private static VmStatItem isolatedItem(int list) {
        return list <= ACTIVE_ANON ? VmStatItem.NR_ISOLATED_ANON : VmStatItem.NR_ISOLATED_FILE;
    }

    /**
     * Puts every page of the private list {@code from} back on the list its flags name (the caller may have changed
     * PG_ACTIVE), drops the reference that isolating took, and counts them as no longer isolated. {@code list} is where
     * they were isolated from. The private list is empty afterwards.
     */
    public void putbackBatch(Cpu cpu, @Ref(ListHead.class) long from, int list) {
        int back = 0;
        while (!ListHead.empty(cpu, from)) {
            back += putbackSome(cpu, from);
        }
        vmStat.add(cpu, isolatedItem(list), -back);
    }

    /** Counts a page as isolated by itself, or as no longer isolated: {@code delta} is 1 or -1. */
    public void countIsolated(Cpu cpu, @Ref(Page.class) long page, int delta) {
        vmStat.add(cpu, isolatedItem(Page.test(cpu, page, Page.PG_SWAPBACKED) ? ACTIVE_ANON : ACTIVE_FILE), delta);
    }

    /** Counts {@code pages} that were isolated from {@code list} and freed instead of put back. */
    public void forgetIsolated(Cpu cpu, int list, int freed) {
        vmStat.add(cpu, isolatedItem(list), -freed);
    }

    /** One pagevec full: linked under the lock, references dropped after it. */
    private int putbackSome(Cpu cpu, long from) {
        Preempt.irqDisable(cpu);
        long vec = cpu.area() + activateVec;
        if (Pagevec.count(cpu, vec) != 0) {
            drainActivate(cpu, vec);
        }
        int count = 0;
        long unevictable = Cpu.NULL;
        SpinLock.lock(cpu, lock);
        while (count < Pagevec.SIZE && unevictable == Cpu.NULL && !ListHead.empty(cpu, from)) {
            long page = Page.ofLru(ListHead.last(cpu, from));
            ListHead.del(cpu, Page.LRU.of(page));
            if (isEvictable(cpu, page)) {
                lists.link(cpu, page);
                Pagevec.add(cpu, vec, page);
                count++;
            } else {
                unevictable = page;
            }
        }
        SpinLock.unlock(cpu, lock);
        release(cpu, vec, count);
        Preempt.irqEnable(cpu);
        if (unevictable != Cpu.NULL) {
            putback(cpu, unevictable);
            count++;
        }
        return count;
    }

    /**
     * What disagrees between lists, flags and counts, one line each; empty if all is well. Context: machine at rest.
     */
    public String audit(Cpu cpu) {
        return lists.audit(cpu);
    }
}

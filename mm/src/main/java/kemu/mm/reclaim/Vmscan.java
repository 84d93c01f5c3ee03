package kemu.mm.reclaim;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Tags;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.hw.mem.PhysMem;
import kemu.hw.order.Barriers;
import kemu.kernel.context.Task;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.Sched;
import kemu.kernel.task.WaitQueue;
import kemu.mm.file.Files;
import kemu.mm.file.PageCache;
import kemu.mm.huge.HugePages;
import kemu.mm.page.Gfp;
import kemu.mm.page.Lru;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.page.Reclaimer;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;
import kemu.mm.rmap.RmapWalk;
import kemu.mm.swap.Swap;
import kemu.rcu.Rcu;
import kemu.rcu.list.ListHead;

/**
 * kswapd and direct reclaim: frees pages from the cold end of the LRU lists, in passes that look at more and more of
 * them.
 *
 * <p>Source: Linux 2.6.36 mm/vmscan.c, try_to_free_pages(), balance_pgdat(), kswapd(). Devices are synchronous, so
 * there is no congestion to wait for: a pass at low priority that freed nothing sleeps one tick instead.
 */
public final class Vmscan implements Reclaimer {
    /** Pages isolated, and freed, at a time. */
    static final int SWAP_CLUSTER_MAX = 32;
    /** Priority of the first pass: a 4096th of every list. */
    static final int DEF_PRIORITY = 12;

    private static final LockClass OOM_LOCK = LockClass.of("oom_lock");
    private static final int DIRECT_TAG = Tags.tag("reclaim_direct");
    private static final int KSWAPD_TAG = Tags.tag("kswapd_pass");
    /** An allocator's taking of pages before its look for a sleeping kswapd; pairs with {@link WaitQueue#prepare}. */
    private static final int WAKE_KSWAPD = Barriers.fence("vmscan.WAKE_KSWAPD");
    /** Ticks until reclaim is at rest, at most, of those that the host gave. */
    private static final int MOST_TICKS = 250;
    /** Looks in a row at which it must be found so. */
    private static final int LOOKS = 2;
    /** Scans of everything reclaimable without success, after which it counts as unreclaimable. */
    private static final int UNRECLAIMABLE_SCANS = 6;

    private final Machine machine;
    private final Rcu rcu;
    private final Files files;
    private final PageAllocator pages;
    private final VmStat vmStat;
    private final long state;
    private final long controls;
    private final ScanBalance balance;
    private final ShrinkZone zone;
    private final OomKiller oomKiller;

    /** Boot only. */
    public Vmscan(
            Machine machine,
            Rcu rcu,
            VmStat vmStat,
            PageLock pageLock,
            PageAllocator pages,
            Lru lru,
            Swap swap,
            PageCache pageCache,
            Files files,
            RmapWalk rmapWalk,
            HugePages huge) {
        this.machine = machine;
        this.rcu = rcu;
        this.files = files;
        this.pages = pages;
        this.vmStat = vmStat;
        Cpu boot = machine.bootCpu();
        int tasks = machine.config().maxTasks();
        long memory = bootMemory(boot, ReclaimState.LAYOUT.sizeBytes() + (long) tasks * ScanControl.LAYOUT.sizeBytes());
        state = memory;
        controls = memory + ReclaimState.LAYOUT.sizeBytes();
        WaitQueue.init(boot, ReclaimState.KSWAPD_WAIT.of(state));
        SpinLock.init(boot, ReclaimState.OOM_LOCK.of(state), OOM_LOCK);
        for (int i = 0; i < tasks; i++) {
            long control = controls + (long) i * ScanControl.LAYOUT.sizeBytes();
            ListHead.init(boot, ScanControl.HOLD.of(control));
            ListHead.init(boot, ScanControl.DONE.of(control));
            ListHead.init(boot, ScanControl.ACTIVE.of(control));
        }
        balance = new ScanBalance(pages, lru, swap, state);
        zone = new ShrinkZone(machine, vmStat, pageLock, pages, lru, swap, pageCache, rmapWalk, huge, state, balance);
        oomKiller = new OomKiller(machine, vmStat, pages, lru, swap, state);
        pages.reclaimer(this);
    }

    private long bootMemory(Cpu boot, long bytes) {
        int order = 0;
        while ((long) PhysMem.PAGE_SIZE << order < bytes) {
            order++;
        }
        long frame = pages.frameOf(pages.allocPages(boot, Gfp.NOWAIT, order));
        for (long at = 0; at < (long) PhysMem.PAGE_SIZE << order; at += PhysMem.PAGE_SIZE) {
            boot.clearFrame(frame + at);
        }
        machine.memory().symbols().region(frame, bytes, "reclaim_state");
        return frame;
    }

    /** Sets who is told when the OOM killer kills. Boot only. */
    public void reportOom(OomReport sink) {
        oomKiller.reportTo(sink);
    }

    /** Starts kswapd, on the last CPU. */
    public void start(Cpu cpu) {
        int on = machine.cpus() - 1;
        Sched.of(machine).spawn(cpu, this::runKswapd, on, "kswapd0", Task.PF_KTHREAD | Task.PF_MEMALLOC);
    }

    /**
     * Waits until kswapd waits to be woken and nobody has isolated pages, which whoever counts pages does not find on
     * their lists. False if that did not come about in {@link #MOST_TICKS}. Context: may sleep; kswapd was started, and
     * nobody allocates but the caller.
     */
    public boolean settle(Cpu cpu) {
        int seen = 0;
        for (int tick = 0; seen < LOOKS && !machine.stoodStill(tick, MOST_TICKS); tick++) {
            Sched.of(machine).sleep(cpu, 1);
            boolean isolated = vmStat.sum(cpu, VmStatItem.NR_ISOLATED_ANON) != 0
                    || vmStat.sum(cpu, VmStatItem.NR_ISOLATED_FILE) != 0;
            // Racy: it may be about to wait, or just have been woken.
            boolean waits = WaitQueue.active(cpu, ReclaimState.KSWAPD_WAIT.of(state));
            seen = waits && !isolated ? seen + 1 : 0;
        }
        return seen == LOOKS;
    }

    @Override
    public void wakeKswapd(Cpu cpu) {
        long queue = ReclaimState.KSWAPD_WAIT.of(state);
        cpu.smpMb(WAKE_KSWAPD);
        if (WaitQueue.active(cpu, queue)) {
            vmStat.inc(cpu, VmStatItem.KSWAPD_WAKE);
            WaitQueue.wakeAll(cpu, queue);
        }
    }

    /**
     * kswapd: balances whenever an allocation found less than the low watermark. Ends with the machine. A scenario on a
     * machine without background work spawns it as a task.
     */
    public void runKswapd(Cpu cpu) {
        long queue = ReclaimState.KSWAPD_WAIT.of(state);
        Sched sched = Sched.of(machine);
        while (true) {
            WaitQueue.prepare(cpu, queue, Task.INTERRUPTIBLE);
            if (pages.watermarkOk(cpu, 0, pages.lowWatermark())) {
                sched.schedule(cpu);
            }
            WaitQueue.finish(cpu, queue);
            if (!balance(cpu)) {
                // Nothing to be had: only an allocation that still fails, or time, can change that.
                sched.sleep(cpu, 1);
                WaitQueue.prepare(cpu, queue, Task.INTERRUPTIBLE);
                sched.schedule(cpu);
                WaitQueue.finish(cpu, queue);
            }
        }
    }

    /** balance_pgdat: reclaims until the high watermark is met. False if it gave up. */
    private boolean balance(Cpu cpu) {
        long control = begin(cpu, Gfp.KERNEL, true);
        // Ends: the mark is met, or a whole round of priorities freed nothing.
        while (!pages.watermarkOk(cpu, 0, pages.highWatermark())) {
            long start = cpu.clock();
            vmStat.inc(cpu, VmStatItem.PAGEOUTRUN);
            ScanControl.NR_RECLAIMED.set(cpu, control, 0);
            balanceRound(cpu, control);
            cpu.record(KSWAPD_TAG, cpu.clock() - start);
            if (ScanControl.NR_RECLAIMED.get(cpu, control) == 0) {
                return pages.watermarkOk(cpu, 0, pages.highWatermark());
            }
            Sched.of(machine).condResched(cpu);
        }
        return true;
    }

    private void balanceRound(Cpu cpu, long control) {
        // What has been scanned over and over is looked at lightly, in case it has become reclaimable.
        int lowest = unreclaimable(cpu) ? DEF_PRIORITY - 2 : 0;
        for (int priority = DEF_PRIORITY; priority >= lowest; priority--) {
            if (pages.watermarkOk(cpu, 0, pages.highWatermark())) {
                return;
            }
            pass(cpu, control, priority);
            if (ScanControl.NR_RECLAIMED.get(cpu, control) >= SWAP_CLUSTER_MAX) {
                return;
            }
        }
    }

    @Override
    public long directReclaim(Cpu cpu, int gfp, int order) {
        long start = cpu.clock();
        long control = begin(cpu, gfp, false);
        for (int priority = DEF_PRIORITY; priority >= 0; priority--) {
            pass(cpu, control, priority);
            if (ScanControl.NR_RECLAIMED.get(cpu, control) >= SWAP_CLUSTER_MAX
                    || (Task.FLAGS.readOnce(cpu, Sched.current(cpu)) & Task.PF_OOM_VICTIM) != 0) {
                break;
            }
        }
        cpu.record(DIRECT_TAG, cpu.clock() - start);
        long reclaimed = ScanControl.NR_RECLAIMED.get(cpu, control);
        // As long as not everything was scanned over and over, bad luck is no reason to kill: call it progress.
        return reclaimed == 0 && !unreclaimable(cpu) ? 1 : reclaimed;
    }

    private @Ref(ScanControl.class) long begin(Cpu cpu, int gfp, boolean kswapd) {
        int slot = Sched.of(machine).tasks().slot(Sched.current(cpu));
        long control = controls + (long) slot * ScanControl.LAYOUT.sizeBytes();
        ScanControl.NR_RECLAIMED.set(cpu, control, 0);
        ScanControl.GFP.set(cpu, control, gfp);
        ScanControl.KSWAPD.set(cpu, control, kswapd ? 1 : 0);
        ScanControl.NR_TO_RECLAIM.set(cpu, control, kswapd ? Integer.MAX_VALUE : SWAP_CLUSTER_MAX);
        return control;
    }

    /**
     * Reclaims one page, for scenarios: true if it was freed. Context: isolated by the caller, whose reference goes;
     * may sleep.
     */
    public boolean shrinkPage(Cpu cpu, @Ref(Page.class) long page) {
        return zone.shrinkPage(cpu, begin(cpu, Gfp.KERNEL, false), page);
    }

    /** One pass at {@code priority}; waits a tick if it scanned low without success. */
    private void pass(Cpu cpu, long control, int priority) {
        long before = ScanControl.NR_RECLAIMED.get(cpu, control);
        ScanControl.PRIORITY.set(cpu, control, priority);
        ScanControl.NR_SCANNED.set(cpu, control, 0);
        zone.shrink(cpu, control);
        if (ScanControl.NR_SCANNED.get(cpu, control) != 0) {
            shrinkSlab(cpu);
        }
        boolean stuck = ScanControl.NR_RECLAIMED.get(cpu, control) == before;
        if (stuck && priority < DEF_PRIORITY - 2 && ScanControl.NR_SCANNED.get(cpu, control) != 0) {
            Sched.of(machine).sleep(cpu, 1);
        }
        Sched.of(machine).condResched(cpu);
    }

    /** shrink_slab: unused files without pages; their slab pages go with them once empty. */
    private void shrinkSlab(Cpu cpu) {
        vmStat.inc(cpu, VmStatItem.SLABS_SCANNED);
        files.prune(cpu);
    }

    private boolean unreclaimable(Cpu cpu) {
        return ReclaimState.PAGES_SCANNED.readOnce(cpu, state) >= UNRECLAIMABLE_SCANS * balance.reclaimable(cpu);
    }

    /** {@inheritDoc} Memory that only waits for a grace period is waited for first (rcu_oom_notify, Linux 3.7). */
    @Override
    public boolean outOfMemory(Cpu cpu) {
        if (rcu.callbacksQueued(cpu) != rcu.callbacksInvoked(cpu)) {
            long before = pages.freePageCount(cpu);
            rcu.rcuBarrier(cpu);
            if (pages.freePageCount(cpu) >= before + SWAP_CLUSTER_MAX) {
                return true;
            }
        }
        return oomKiller.outOfMemory(cpu);
    }

    /** Victims of the OOM killer since boot. */
    public int oomKills(Cpu cpu) {
        return ReclaimState.OOM_KILLS.readOnce(cpu, state);
    }
}

package kemu.mm.reclaim;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.hw.machine.MachineConfig;
import kemu.kernel.context.Task;
import kemu.kernel.task.Sched;
import kemu.mm.file.PageCache;
import kemu.mm.huge.HugePages;
import kemu.mm.page.Lru;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;
import kemu.mm.rmap.RmapWalk;
import kemu.mm.swap.Swap;
import kemu.rcu.list.ListHead;

/**
 * One pass over the LRU lists at a given priority.
 *
 * <p>Source: Linux 2.6.36 mm/vmscan.c, shrink_zone(), shrink_active_list(), shrink_inactive_list().
 */
final class ShrinkZone {
    /** Waits of a direct reclaimer for pages that others have isolated, before it goes on regardless. */
    private static final int MAX_ISOLATED_WAITS = 8;

    private static final int DEF_PRIORITY = Vmscan.DEF_PRIORITY;

    private final Machine machine;
    private final RmapWalk rmapWalk;
    private final Lru lru;
    private final VmStat vmStat;
    private final long state;
    private final ScanBalance balance;
    private final ShrinkPages shrinkPages;

    ShrinkZone(
            Machine machine,
            VmStat vmStat,
            PageLock pageLock,
            PageAllocator pages,
            Lru lru,
            Swap swap,
            PageCache pageCache,
            RmapWalk rmapWalk,
            HugePages huge,
            @Ref(ReclaimState.class) long state,
            ScanBalance balance) {
        this.machine = machine;
        this.rmapWalk = rmapWalk;
        this.lru = lru;
        this.vmStat = vmStat;
        this.state = state;
        this.balance = balance;
        this.shrinkPages = new ShrinkPages(machine, pageLock, pages, lru, swap, pageCache, rmapWalk, huge);
    }

    /** shrink_zone: scans in batches until the pass is done or the task is content. Context: may sleep. */
    void shrink(Cpu cpu, @Ref(ScanControl.class) long control) {
        balance.setScanCounts(cpu, control);
        // Ends: every round scans at least one batch of a list that has some left, the active anonymous one aside.
        while ((cpu.read64(ScanControl.toScan(control, Lru.INACTIVE_ANON))
                        | cpu.read64(ScanControl.toScan(control, Lru.INACTIVE_FILE))
                        | cpu.read64(ScanControl.toScan(control, Lru.ACTIVE_FILE)))
                != 0) {
            for (int list = Lru.INACTIVE_ANON; list <= Lru.ACTIVE_FILE; list++) {
                long left = cpu.read64(ScanControl.toScan(control, list));
                if (left != 0) {
                    int batch = (int) Math.min(left, Vmscan.SWAP_CLUSTER_MAX);
                    cpu.write64(ScanControl.toScan(control, list), left - batch);
                    shrinkList(cpu, control, list, batch);
                }
            }
            if (ScanControl.PRIORITY.get(cpu, control) < DEF_PRIORITY
                    && ScanControl.NR_RECLAIMED.get(cpu, control) >= ScanControl.NR_TO_RECLAIM.get(cpu, control)) {
                break;
            }
        }
        // Ages active anonymous pages even if none were asked for, so that the inactive list does not run dry.
        if (balance.inactiveIsLow(cpu, Lru.ACTIVE_ANON)) {
            shrinkActive(cpu, control, Lru.ACTIVE_ANON, Vmscan.SWAP_CLUSTER_MAX);
        }
    }

    private void shrinkList(Cpu cpu, long control, int list, int batch) {
        if (list == Lru.ACTIVE_ANON || list == Lru.ACTIVE_FILE) {
            if (balance.inactiveIsLow(cpu, list)) {
                shrinkActive(cpu, control, list, batch);
            }
        } else {
            shrinkInactive(cpu, control, list, batch);
        }
    }

    /**
     * shrink_active_list: moves pages not referenced lately, and all referenced ones but executable file pages, to the
     * inactive list. The pages are looked at without their lock, under nothing but the isolator's reference.
     */
    private void shrinkActive(Cpu cpu, long control, int list, int batch) {
        long hold = ScanControl.HOLD.of(control);
        long inactive = ScanControl.DONE.of(control);
        long active = ScanControl.ACTIVE.of(control);
        lru.drain(cpu);
        int taken = lru.isolateBatch(cpu, list, batch, hold);
        vmStat.add(cpu, VmStatItem.PGREFILL, taken);
        int rotated = 0;
        int kept = 0;
        // Ends: every round takes a page off the list.
        while (!ListHead.empty(cpu, hold)) {
            Sched.of(machine).condResched(cpu);
            long page = Page.ofLru(ListHead.last(cpu, hold));
            ListHead.del(cpu, Page.LRU.of(page));
            int referenced = lru.isEvictable(cpu, page) ? rmapWalk.pageReferenced(cpu, page, false) : 0;
            if ((referenced & RmapWalk.REFERENCED_LOCKED) != 0) {
                // Reclaim mlocks it once it is inactive.
                referenced = 0;
            }
            rotated += referenced != 0 ? 1 : 0;
            if (list == Lru.ACTIVE_FILE && (referenced & RmapWalk.REFERENCED_EXEC) != 0) {
                // Code in use stays: programs suffer more from losing it than from losing data.
                ListHead.add(cpu, Page.LRU.of(page), active);
                kept++;
            } else {
                Page.FLAGS.clearBits(cpu, page, Page.PG_ACTIVE);
                ListHead.add(cpu, Page.LRU.of(page), inactive);
            }
        }
        balance.note(cpu, list, taken, rotated);
        vmStat.add(cpu, VmStatItem.PGDEACTIVATE, taken - kept);
        lru.putbackBatch(cpu, active, list);
        lru.putbackBatch(cpu, inactive, list);
    }

    /** shrink_inactive_list: frees what it can of a batch of inactive pages. */
    private void shrinkInactive(Cpu cpu, long control, int list, int batch) {
        boolean kswapd = ScanControl.KSWAPD.get(cpu, control) != 0;
        if (!kswapd) {
            waitForIsolated(cpu, list);
        }
        lru.drain(cpu);
        int taken = lru.isolateBatch(cpu, list, batch, ScanControl.HOLD.of(control));
        if (taken == 0) {
            return;
        }
        ScanControl.NR_SCANNED.set(cpu, control, ScanControl.NR_SCANNED.get(cpu, control) + taken);
        scanned(cpu, taken);
        vmStat.add(cpu, kswapd ? VmStatItem.PGSCAN_KSWAPD : VmStatItem.PGSCAN_DIRECT, taken);
        long result = shrinkPages.shrink(cpu, control);
        int freed = (int) result;
        int activated = (int) (result >>> 32);
        lru.forgetIsolated(cpu, list, freed);
        lru.putbackBatch(cpu, ScanControl.DONE.of(control), list);
        balance.note(cpu, list, taken, activated);
        vmStat.add(cpu, VmStatItem.PGACTIVATE, activated);
        vmStat.add(cpu, kswapd ? VmStatItem.PGSTEAL_KSWAPD : VmStatItem.PGSTEAL_DIRECT, freed);
        if (freed != 0) {
            ReclaimState.PAGES_SCANNED.writeOnce(cpu, state, 0);
        }
        ScanControl.NR_RECLAIMED.set(cpu, control, ScanControl.NR_RECLAIMED.get(cpu, control) + freed);
    }

    /**
     * Counts what was scanned in vain so far: what anyone has freed since the last scan begins the count anew, as in
     * free_pcppages_bulk (Linux 2.6.36), which here need not know of reclaim. Racy, as there.
     */
    private void scanned(Cpu cpu, int taken) {
        long frees = vmStat.sum(cpu, VmStatItem.PGFREE);
        if (ReclaimState.FREES_SEEN.readOnce(cpu, state) != frees) {
            ReclaimState.FREES_SEEN.writeOnce(cpu, state, frees);
            ReclaimState.PAGES_SCANNED.writeOnce(cpu, state, 0);
        }
        ReclaimState.PAGES_SCANNED.add(cpu, state, taken);
    }

    /**
     * shrink_page_list of one page, isolated by isolate_lru_page: true if it was freed, else it is back on its list.
     */
    boolean shrinkPage(Cpu cpu, @Ref(ScanControl.class) long control, @Ref(Page.class) long page) {
        ListHead.add(cpu, Page.LRU.of(page), ScanControl.HOLD.of(control));
        boolean freed = (int) shrinkPages.shrink(cpu, control) == 1;
        if (!freed) {
            ListHead.del(cpu, Page.LRU.of(page));
            lru.putback(cpu, page);
        }
        return freed;
    }

    /** too_many_isolated: a list that is mostly in other reclaimers' hands looks empty, which is no reason to kill. */
    private void waitForIsolated(Cpu cpu, int list) {
        VmStatItem isolated = list == Lru.INACTIVE_ANON ? VmStatItem.NR_ISOLATED_ANON : VmStatItem.NR_ISOLATED_FILE;
        for (int i = 0; i < MAX_ISOLATED_WAITS && vmStat.sum(cpu, isolated) > lru.size(cpu, list); i++) {
            if ((Task.FLAGS.readOnce(cpu, Sched.current(cpu)) & Task.PF_OOM_VICTIM) != 0) {
                return;
            }
            Sched.of(machine).sleep(cpu, Math.max(1, MachineConfig.HZ / 250));
        }
    }
}

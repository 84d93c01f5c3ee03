package kemu.check.order;

import static kemu.check.order.NamedBarrier.killed;
import static kemu.check.order.NamedBarrier.redundant;
import static kemu.check.order.NamedBarrier.untried;

import java.util.ArrayList;
import java.util.List;

/**
 * Every named ordering point of the locks, rcu and mm: which scenario fails on the model weak without it, why none can,
 * or that none tries. Held to the sources and to what the mutants do by a test, and by {@code kemu check mutants}.
 */
public final class BarrierTable {
    private static final String ATOMIC = "this hardware is multi-copy atomic, and chains of unlock and lock order it";
    private static final String LATE_LOADS = "on this hardware no load is later than its turn";
    private static final String SWITCH = "a task switch, or the interrupt that ends idling, is a full fence here";
    private static final String FRAMES = "a frame is cleared or copied as if between full fences here";

    private static final List<NamedBarrier> LOCKS = List.of(
            killed("ticket.LOCK:acquire", "TicketSpinLocks", "lock-spin"),
            killed("ticket.UNLOCK:release", "TicketSpinLocks", "lock-spin"),
            killed("tas.LOCK:acquire", "TasSpinLocks", "lock-spin/kernel/tas"),
            killed("tas.UNLOCK:release", "TasSpinLocks", "lock-spin/kernel/tas"),
            killed("debug.LOCK:acquire", "DebugSpinLocks", "lock-spin/kernel/debug"),
            killed("debug.UNLOCK:release", "DebugSpinLocks", "lock-spin/kernel/debug"),
            killed("mcs.LOCK:full", "McsSpinLocks", "lock-spin/kernel/mcs"),
            killed("mcs.HANDED:acquire", "McsSpinLocks", "lock-spin/kernel/mcs"),
            killed("mcs.HAND_OVER:release", "McsSpinLocks", "lock-spin/kernel/mcs"),
            killed("mcs.UNLOCK:full", "McsSpinLocks", "lock-spin/kernel/mcs"),
            redundant(
                    "mcs.LINK:release",
                    "McsSpinLocks",
                    "lock-spin/kernel/mcs",
                    "mcs.LOCK, which is full, comes after the node is set up"),
            redundant(
                    "mcs.FOLLOWED:acquire",
                    "McsSpinLocks",
                    "lock-spin/kernel/mcs",
                    "only stores follow, and to an address that depends on it"),
            killed("clh.LOCK:full", "ClhSpinLocks", "lock-spin/kernel/clh"),
            killed("clh.HANDED:acquire", "ClhSpinLocks", "lock-spin/kernel/clh"),
            killed("clh.UNLOCK:full", "ClhSpinLocks", "lock-spin/kernel/clh"),
            killed("clh.HAND_OVER:release", "ClhSpinLocks", "lock-spin/kernel/clh"),
            redundant("queue.TAKE:acquire", "QueueNodes", "lock-spin/kernel/clh", "the lock's full exchange follows"),
            redundant("queue.GIVE_BACK:release", "QueueNodes", "lock-spin/kernel/clh", LATE_LOADS),
            killed("bitlock.LOCK:acquire", "BitLock", "lock-bit"),
            killed("bitlock.UNLOCK:release", "BitLock", "lock-bit"),
            killed("mutex.LOCK:acquire", "Mutex", "lock-mutex"),
            killed("mutex.UNLOCK:release", "Mutex", "lock-mutex"),
            redundant("mutex.ANNOUNCE:full", "Mutex", "lock-mutex", "done under the spinlock of the queue"),
            killed("mutex.HAND_OVER:full", "Mutex", "lock-mutex"),
            killed("rwsem.DOWN_READ:acquire", "RwSem", "lock-rwsem"),
            killed("rwsem.DOWN_WRITE:acquire", "RwSem", "lock-rwsem"),
            killed("rwsem.UP_READ:release", "RwSem", "lock-rwsem"),
            killed("rwsem.UP_WRITE:release", "RwSem", "lock-rwsem"),
            killed("rwsem.DOWNGRADE:release", "RwSem", "lock-rwsem"),
            redundant("rwsem.ANNOUNCE:full", "RwSem", "lock-rwsem", "done under the spinlock of the queue"),
            killed("rwsem.HAND_OVER:full", "RwSem", "lock-rwsem"),
            killed("seqcount.READ_BEGIN", "SeqCount", "lock-seq"),
            killed("seqcount.READ_RETRY", "SeqCount", "lock-seq"),
            killed("seqcount.WRITE_BEGIN", "SeqCount", "lock-seq"),
            killed("seqcount.WRITE_END", "SeqCount", "lock-seq"),
            redundant("seqcount.WAIT:acquire", "SeqCount", "lock-seq", "seqcount.READ_BEGIN follows it"),
            killed("sched.SLEEP_STATE", "Sched", "lock-mutex"),
            killed("sched.WAKE_CONDITION", "Sched", "lock-mutex"),
            killed("task_struct.wait_kind:acquire", "Waiters", "lock-mutex"),
            redundant(
                    "task_struct.wait_kind:release",
                    "Waiters",
                    "lock-mutex",
                    "the grant follows mutex.HAND_OVER or rwsem.HAND_OVER"),
            killed("call.DONE:acquire", "CrossCalls", "cpu-call"),
            killed("call.DONE_ONE:full", "CrossCalls", "cpu-call"),
            redundant("device.DMA", "BlockDevice", "mm-page-cache", FRAMES));

    private static final List<NamedBarrier> RCU = List.of(
            killed("rcu.ASSIGN_POINTER:release", "Rcu", "rcu-publish"),
            killed("list_head.next:release", "RcuList", "rcu-lists"),
            killed("hlist_head.first:release", "HList", "rcu-lists"),
            redundant("rcu.NODE_LOCK", "RcuTree", "rcu-outlive", ATOMIC),
            redundant("rcu.EQS_ENTER:full", "Dynticks", "rcu-outlive", SWITCH),
            redundant("rcu.EQS_EXIT:full", "Dynticks", "rcu-outlive", SWITCH),
            redundant("rcu.FQS_SNAP", "Dynticks", "rcu-outlive", "the lock of the leaf has just been taken"),
            redundant("rcu.FQS_LOAD:acquire", "Dynticks", "rcu-outlive", "what it leads to is done under node locks"),
            redundant(
                    "rcu.SYNCHRONIZE",
                    "SchedFlavor",
                    "rcu-outlive",
                    "the unlock of the leaf is a release, and the load of the end an acquire"),
            redundant("rcu_state.gp_seq:acquire", "SchedFlavor", "rcu-outlive", "rcu.SYNCHRONIZE follows it"),
            redundant("rcu_state.gp_seq:release", "GpThread", "rcu-outlive", ATOMIC),
            redundant("rcu.BARRIER_SCAN", "Barrier", "rcu-barrier", "the mutex taken before it is an acquire"),
            redundant(
                    "rcu_data.len:acquire",
                    "Barrier",
                    "rcu-barrier",
                    "the count of rcu_barrier drops by a full atomic"),
            killed("rcu_data.len:release", "Callbacks", "rcu-barrier"));

    private static final List<NamedBarrier> MM = List.of(
            killed("page_lock.LOCK:acquire", "PageLock", "lock-page"),
            killed("page_lock.UNLOCK:release", "PageLock", "lock-page"),
            killed("page.flags:acquire", "PageLock", "lock-page"),
            killed("page_cache.CONTENTS_VALID:release", "PageCache", "mm-page-cache")
                    .by("pos"),
            killed("page_cache.READ_CONTENTS:acquire", "PageCache", "mm-page-cache")
                    .by("pos"),
            redundant(
                    "page._count:release",
                    "PageCache, SwapCache",
                    "mm-page-cache",
                    "unfreezing changes nothing that was written before, and an unlock follows it"),
            killed("radix_tree.slot:release", "RadixTree", "mm-page-find").by("pos"),
            killed("fault.SET_PTE:release", "Faults", "mm-faults"),
            killed("fault.USER_ACCESS", "UserAccess", "mm-shootdown"),
            killed("cpu_area.user_access_mm:release", "UserAccess", "mm-shootdown")
                    .by("pos"),
            killed("pgtable.FLUSH", "PageTable", "mm-shootdown"),
            redundant("pgtable.ACCESS_DONE:acquire", "PageTable", "mm-shootdown", LATE_LOADS),
            killed("pgtable.PUBLISH:release", "PageTable", "mm-tables").by("pos"),
            redundant(
                    "vm_area_struct.anon_vma:acquire",
                    "AnonVmas",
                    "mm-anon-vma",
                    "what follows depends on the address"),
            killed("vm_area_struct.anon_vma:release", "AnonVmas", "mm-anon-vma").by("pct"),
            redundant(
                    "lru.PUTBACK_UNEVICTABLE",
                    "Lru",
                    "mm-putback",
                    "both flags are bits of one word, and accesses to one word are ordered"),
            redundant("swap.CONTENTS_VALID:release", "Swap", "mm-page-cache", FRAMES),
            redundant(
                    "swap_cache.slot:release",
                    "SwapCache",
                    "mm-page-cache",
                    "whoever finds the page locks it first, and its adder holds the lock"),
            untried("oom.READ_COUNTERS", "OomKiller", "it guards a guess: a wrong count makes another task the victim"),
            untried(
                    "vmscan.WAKE_KSWAPD",
                    "Vmscan",
                    "the next allocation wakes kswapd as well, and allocations reclaim by themselves"),
            untried("process.vfork_done:acquire", "Processes", "a child of vfork runs on its parent's CPU"),
            untried("process.vfork_done:release", "Processes", "a child of vfork runs on its parent's CPU"),
            redundant("rmap.MAPCOUNT_DROP:full", "PageRmap", "rmap-hang-child", ATOMIC),
            redundant("rmap.MAPCOUNT_RAISE:full", "PageRmap", "rmap-hang-child", "no lookup needs it"),
            redundant(
                    "rmap.LOCK_ROOT_VS_FREE",
                    "RootRwSemLocking",
                    "rmap-hang-child/root-rwsem",
                    "the lock is an atomic acquire, which neither later loads nor its own store pass here"),
            redundant(
                    "rmap.PUT_LAST_REF:full",
                    "AnonVmas",
                    "rmap-hang-child/root-rwsem",
                    "the root's lock, taken to unlink, lies between the drop of the mapcount and the put"),
            redundant(
                    "rmap.PIN:full",
                    "RootRwSemLocking",
                    "rmap-hang-child/root-rwsem",
                    "the lock taken after the pin is an acquire before the second look at the mapcount"));

    /** Classes that register barriers, and may not have been needed yet when a kernel has booted. */
    private static final String[] HOLDERS = {
        "kemu.hw.sync.TasSpinLocks",
        "kemu.hw.sync.DebugSpinLocks",
        "kemu.hw.sync.SeqCount",
        "kemu.hw.sync.McsSpinLocks",
        "kemu.hw.sync.ClhSpinLocks",
        "kemu.hw.sync.QueueNodes",
        "kemu.rcu.tree.RcuBarriers",
        "kemu.rcu.list.HList$Head",
        "kemu.rcu.list.ListHead",
        "kemu.mm.fault.FaultBarriers",
        "kemu.mm.file.RadixTree",
        "kemu.mm.rmap.RmapBarriers",
        "kemu.mm.swap.SwapCache",
        "kemu.mm.process.Process",
    };

    private BarrierTable() {}

    /** Every row: locks, rcu, mm. */
    public static List<NamedBarrier> all() {
        List<NamedBarrier> all = new ArrayList<>(LOCKS);
        all.addAll(RCU);
        all.addAll(MM);
        return all;
    }

    /** Makes every barrier of the kernel known by name. */
    public static void load() {
        try {
            for (String holder : HOLDERS) {
                Class.forName(holder);
            }
        } catch (ClassNotFoundException gone) {
            throw new IllegalStateException(gone);
        }
    }
}

package kemu.check.order;

import static kemu.check.order.NamedBarrier.invisible;
import static kemu.check.order.NamedBarrier.killed;
import static kemu.check.order.NamedBarrier.redundant;
import static kemu.hw.mem.FailureKind.CALLBACK_LOST;
import static kemu.hw.mem.FailureKind.DATA_RACE;
import static kemu.hw.mem.FailureKind.HALF_MADE;
import static kemu.hw.mem.FailureKind.RCU_OUTLIVED;

import java.util.List;

/** Ordering points of RCU. */
final class RcuRows {
    static final List<NamedBarrier> ALL = List.of(
            killed("rcu.ASSIGN_POINTER:release", "Rcu", "rcu-publish", HALF_MADE),
            killed("list_head.next:release", "RcuList", "rcu-lists", DATA_RACE),
            killed("hlist_head.first:release", "HList", "rcu-lists", HALF_MADE),
            invisible(
                    "rcu.NODE_LOCK",
                    "RcuTree",
                    "rcu-outlive",
                    "chains of unlock and lock order it where every store becomes visible to all other CPUs at once",
                    "hardware that is not multi-copy atomic (POWER): unlock and lock are no full fence there"),
            killed("rcu.EQS_ENTER:full", "Dynticks", "rcu-idle", RCU_OUTLIVED).by("pct"),
            invisible(
                    "rcu.EQS_EXIT:full",
                    "Dynticks",
                    "rcu-idle",
                    "a task switch, or taking note of the interrupt, is a full fence right after it",
                    "arm64 and POWER, where neither orders anything"),
            redundant(
                    "rcu.FQS_SNAP",
                    "Dynticks",
                    "rcu-idle",
                    "rcu.NODE_LOCK, a full fence, lies between what comes before and the first sample"),
            redundant(
                    "rcu.FQS_LOAD:acquire",
                    "Dynticks",
                    "rcu-idle",
                    "the unlock of the leaf is a release after it, and rcu.NODE_LOCK a full fence before the grace"
                            + " period ends"),
            redundant(
                    "rcu.SYNCHRONIZE",
                    "TreeCore",
                    "rcu-outlive",
                    "rcu.NODE_LOCK is a full fence before the request, and the load that sees the end an acquire"),
            invisible(
                    "rcu_node.qsmask:acquire",
                    "GpThread",
                    "rcu-preempted",
                    "the exchange that ends the wait is a full fence just before, and both words would have to"
                            + " change in"
                            + " between, which no search has met",
                    "arm64 and POWER, where the second load may be the earlier one"),
            redundant(
                    "rcu_state.gp_seq:acquire",
                    "TreeCore",
                    "rcu-outlive",
                    "rcu.SYNCHRONIZE, a full fence, follows" + " it"),
            redundant(
                    "rcu_state.gp_seq:release",
                    "GpThread",
                    "rcu-outlive",
                    "rcu.NODE_LOCK, a full fence, comes right before it"),
            invisible(
                    "rcu.BARRIER_SCAN",
                    "Barrier",
                    "rcu-barrier",
                    "no load is late here, and the mutex taken before it is an acquire",
                    "arm64 and POWER, where a load may be later than a lock that follows it"),
            redundant(
                    "rcu_data.len:acquire",
                    "Barrier",
                    "rcu-barrier",
                    "the count of rcu_barrier drops by a full atomic after it"),
            killed("rcu_data.len:release", "Callbacks", "rcu-barrier", CALLBACK_LOST));

    private RcuRows() {}
}

package kemu.rcu.tree;

import kemu.hw.order.Barriers;

/** The fences of tree RCU. What they forbid together is guarantee B of {@link kemu.rcu.Rcu}. */
public final class RcuBarriers {
    /**
     * Full fence after a node lock is taken (smp_mb__after_unlock_lock): a chain of node critical sections, from the
     * CPU that reports a quiescent state over the grace-period thread to the CPU that learns of the end, is one fence
     * for all. Pairs with itself.
     */
    static final int NODE_LOCK = Barriers.fence("rcu.NODE_LOCK");

    /**
     * Full order on entering idle: readers before it are over for whoever sees the counter change. Pairs with
     * {@link #FQS_SNAP}.
     */
    static final int EQS_ENTER = Barriers.full("rcu.EQS_ENTER");

    /**
     * Full order on leaving idle: readers after it see what came before the grace period that credited this CPU. Pairs
     * with {@link #FQS_SNAP}.
     */
    static final int EQS_EXIT = Barriers.full("rcu.EQS_EXIT");

    /**
     * Full fence before a CPU's idle counter is sampled, and acquire of the counter after it. Pairs with
     * {@link #EQS_ENTER} and {@link #EQS_EXIT}.
     */
    static final int FQS_SNAP = Barriers.fence("rcu.FQS_SNAP");

    /** The acquire that {@link #FQS_SNAP} speaks of. */
    static final int FQS_LOAD = Barriers.acquire("rcu.FQS_LOAD");

    /**
     * Full fence between what a waiter did and the start of its wait, and between the end and what it does next. Pairs
     * with {@link #NODE_LOCK}.
     */
    static final int SYNCHRONIZE = Barriers.fence("rcu.SYNCHRONIZE");

    /** Full fence before rcu_barrier looks for callbacks. Pairs with the release of {@link RcuData#LEN}. */
    static final int BARRIER_SCAN = Barriers.fence("rcu.BARRIER_SCAN");

    private RcuBarriers() {}
}

package kemu.rcu.tree;

import kemu.hw.layout.Embedded;
import kemu.hw.layout.I32Field;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.rcu.RcuHead;

/**
 * {@code struct rcu_data}: what one CPU knows of grace periods, and its callbacks. Own CPU only, interrupts disabled,
 * unless said otherwise.
 */
final class RcuData {
    private static final StructLayout.Builder S = StructLayout.struct("rcu_data");
    /** Grace period as far as this CPU knows. Own CPU and leaf lock to write. */
    static final I64Field GP_SEQ = S.i64("gp_seq");
    /** 1 if the running grace period waits for this CPU. */
    static final I32Field CORE_NEEDS_QS = S.i32("core_needs_qs");
    /** 1 until this CPU passes a quiescent state after it learnt of the running grace period. */
    static final I32Field CPU_NO_QS = S.i32("cpu_no_qs");
    /** Leaf of this CPU. Constant after boot. */
    static final RefField MYNODE = S.ref("mynode", RcuNode.class);
    /** Bit of this CPU in its leaf. Constant after boot. */
    static final I64Field GRPMASK = S.i64("grpmask");
    /** Callbacks, in segments. */
    static final Embedded CBLIST = S.embed("cblist", SegCbList.LAYOUT);
    /** Callbacks on the list, those being invoked included. Own CPU writes; {@code rcu_barrier} acquires. */
    static final I64Field LEN = S.i64("len");
    /** Callbacks invoked since boot. Own CPU writes, statistics read racily. */
    static final I64Field INVOKED = S.i64("invoked");
    /** {@link #LEN} when a flood of callbacks last pushed the grace period on. */
    static final I64Field LEN_LAST_FQS = S.i64("len_last_fqs_check");
    /** Ticks of this CPU during the running grace period. Stall reports read it racily. */
    static final I32Field TICKS_THIS_GP = S.i32("ticks_this_gp");
    /** Nesting of interrupts taken from idle. */
    static final I32Field IRQ_NESTING = S.i32("dynticks_nmi_nesting");
    /** Ends a batch of callbacks for {@code rcu_barrier}. Guarded by the barrier mutex, then RCU's own. */
    static final Embedded BARRIER_HEAD = S.embed("barrier_head", RcuHead.LAYOUT);

    /** Odd while RCU watches this CPU, even while it idles. Own CPU writes by full atomics; anyone samples. */
    static final I64Field DYNTICKS = S.cacheLine().i64("dynticks");
    /** {@link #DYNTICKS} at the first look of the running grace period. Leaf lock. */
    static final I64Field DYNTICKS_SNAP = S.i64("dynticks_snap");
    /** Set by the grace-period thread: this CPU should reschedule. Cleared by the CPU. */
    static final I32Field URGENT_QS = S.i32("rcu_urgent_qs");
    /** Set by the grace-period thread: a context switch should look like a moment of idle. Cleared by the CPU. */
    static final I32Field NEED_HEAVY_QS = S.i32("rcu_need_heavy_qs");
    /** Jiffies when this CPU was last kicked. Leaf lock. */
    static final I64Field LAST_FQS_RESCHED = S.i64("last_fqs_resched");
    /** Size and members. */
    static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

    private RcuData() {}
}

package kemu.rcu.tree;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Embedded;
import kemu.hw.layout.I32Field;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.Ref;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.kernel.locking.SpinLock;
import kemu.rcu.list.ListHead;

/**
 * {@code struct rcu_node}: a node of the tree that collects quiescent states. Guarded by its lock unless said
 * otherwise.
 */
final class RcuNode {
    private static final StructLayout.Builder S = StructLayout.struct("rcu_node");
    /** Guards the node; interrupts disabled. The root's also guards the start and the end of grace periods. */
    static final Embedded LOCK = S.embed("lock", SpinLock.LAYOUT);
    /** Grace period as far as this node knows. Read racily by the tick. */
    static final I64Field GP_SEQ = S.i64("gp_seq");
    /** Furthest grace period that somebody below needs. Read racily by the funnel. */
    static final I64Field GP_SEQ_NEEDED = S.i64("gp_seq_needed");
    /** Children, or CPUs at a leaf, that have not reported for the running grace period. Read racily at the root. */
    static final I64Field QSMASK = S.i64("qsmask");
    /** What {@link #QSMASK} is at the start of a grace period. Constant after boot. */
    static final I64Field QSMASK_INIT = S.i64("qsmaskinit");
    /** Bit of this node in its parent. Constant after boot. */
    static final I64Field GRPMASK = S.i64("grpmask");
    /** Parent, NULL at the root. Constant after boot. */
    static final RefField PARENT = S.ref("parent", RcuNode.class);
    /** First CPU below. Constant after boot. */
    static final I32Field GRPLO = S.i32("grplo");
    /** Last CPU below. Constant after boot. */
    static final I32Field GRPHI = S.i32("grphi");
    /** Depth, 0 at the root. Constant after boot. */
    static final I32Field LEVEL = S.i32("level");
    /** Readers of CPUs below that were preempted, newest first within a group; leaves only. */
    static final Embedded BLKD_TASKS = S.embed("blkd_tasks", ListHead.LAYOUT);
    /** First of {@link #BLKD_TASKS} that the running grace period waits for, as it does for all after it; or NULL. */
    static final RefField GP_TASKS = S.ref("gp_tasks", ListHead.class);
    /** Size and members. */
    static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

    private RcuNode() {}

    /** True if the running grace period waits for nobody below {@code node} any more. Context: node locked. */
    static boolean done(Cpu cpu, @Ref(RcuNode.class) long node) {
        return QSMASK.get(cpu, node) == 0 && GP_TASKS.get(cpu, node) == Cpu.NULL;
    }
}

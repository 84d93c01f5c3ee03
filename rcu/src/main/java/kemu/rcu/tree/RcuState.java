package kemu.rcu.tree;

import kemu.hw.layout.Embedded;
import kemu.hw.layout.I32Field;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.kernel.context.Task;
import kemu.kernel.task.Completion;
import kemu.kernel.task.Mutex;
import kemu.kernel.task.WaitQueue;

/** {@code struct rcu_state}: the one of the machine. */
final class RcuState {
    /** {@link #GP_FLAGS}: somebody needs a grace period. */
    static final int FLAG_INIT = 1;
    /** {@link #GP_FLAGS}: look at the CPUs now; or all have reported. */
    static final int FLAG_FQS = 2;

    /** {@link #GP_STATE}: no grace period. */
    static final int IDLE = 0;
    /** {@link #GP_STATE}: the thread sleeps until one is needed. */
    static final int WAIT_GPS = 1;
    /** {@link #GP_STATE}: the thread found that one is needed. */
    static final int DONE_GPS = 2;
    /** {@link #GP_STATE}: nodes learn of the start. */
    static final int INIT = 4;
    /** {@link #GP_STATE}: CPUs report; the thread sleeps until the next look. */
    static final int WAIT_FQS = 5;
    /** {@link #GP_STATE}: the thread looks for idle CPUs. */
    static final int DOING_FQS = 6;
    /** {@link #GP_STATE}: nodes learn of the end. */
    static final int CLEANUP = 7;
    /** {@link #GP_STATE}: all nodes have learnt of the end. */
    static final int CLEANED = 8;

    private static final String[] STATE_NAMES = {
        "RCU_GP_IDLE",
        "RCU_GP_WAIT_GPS",
        "RCU_GP_DONE_GPS",
        "RCU_GP_ONOFF",
        "RCU_GP_INIT",
        "RCU_GP_WAIT_FQS",
        "RCU_GP_DOING_FQS",
        "RCU_GP_CLEANUP",
        "RCU_GP_CLEANED"
    };

    private static final StructLayout.Builder S = StructLayout.struct("rcu_state");
    /** The running or last grace period. Root lock to write; read racily. */
    static final I64Field GP_SEQ = S.i64("gp_seq");
    /** {@code FLAG_} bits. Root lock to write; read racily. */
    static final I32Field GP_FLAGS = S.i32("gp_flags");
    /** What the thread does. The thread writes; stall reports read it racily. */
    static final I32Field GP_STATE = S.i32("gp_state");
    /** Without ticks: 1 once a CPU has reported or begun to idle since the thread looked. The thread clears it. */
    static final I32Field REPORTED = S.i32("reported");
    /** The grace-period thread, NULL before it runs. */
    static final RefField GP_KTHREAD = S.ref("gp_kthread", Task.class);
    /** Jiffies at the start of the grace period. The thread writes; read racily. */
    static final I64Field GP_START = S.i64("gp_start");
    /** Clock at the start of the grace period. The thread only. */
    static final I64Field GP_START_CLOCK = S.i64("gp_start_clock");
    /** Jiffies when the thread last did something. The thread writes; read racily. */
    static final I64Field GP_ACTIVITY = S.i64("gp_activity");
    /** Looks at the CPUs during this grace period. The thread writes; read racily. */
    static final I64Field N_FORCE_QS = S.i64("n_force_qs");
    /** Grace periods completed. The thread writes; read racily. */
    static final I64Field COMPLETED = S.i64("completed");
    /** Jiffies at which the running grace period counts as stalled. The thread sets it, the detector moves it on. */
    static final I64Field JIFFIES_STALL = S.cacheLine().i64("jiffies_stall");
    /** Stalls reported. Atomics. */
    static final I64Field STALLS = S.i64("stalls");
    /** Where the thread sleeps. */
    static final Embedded GP_WQ = S.cacheLine().embed("gp_wq", WaitQueue.LAYOUT);
    /** Where those sleep that wait for the end of a grace period. */
    static final Embedded SYNC_WQ = S.embed("sync_wq", WaitQueue.LAYOUT);
    /** One rcu_barrier at a time. */
    static final Embedded BARRIER_MUTEX = S.cacheLine().embed("barrier_mutex", Mutex.LAYOUT);
    /** CPUs whose barrier callback has not run yet, plus one for the caller. Atomics. */
    static final I32Field BARRIER_CPU_COUNT = S.i32("barrier_cpu_count");
    /** Done when the count reaches zero. */
    static final Embedded BARRIER_COMPLETION = S.embed("barrier_completion", Completion.LAYOUT);
    /** Size and members. */
    static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

    private RcuState() {}

    /** The kernel's name of {@code state}. */
    static String stateName(int state) {
        return state >= 0 && state < STATE_NAMES.length ? STATE_NAMES[state] : "?";
    }
}

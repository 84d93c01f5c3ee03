package kemu.kernel.context;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.I32Field;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.Ref;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;

/** {@code struct task_struct}. Lives in a slot of the task table; the slot's fiber runs it. */
public final class Task {
    /** State: running or ready to run. */
    public static final int RUNNING = 0;
    /** State: asleep, a signal would wake it (kemu has no signals; kept for reports). */
    public static final int INTERRUPTIBLE = 1;
    /** State: asleep, and reported as hung after two minutes. */
    public static final int UNINTERRUPTIBLE = 2;
    /** State: gone for good; the slot is freed once the last reference is dropped. */
    public static final int DEAD = 4;

    /** Flag: kernel thread, exempt from leak checks at shutdown. */
    public static final int PF_KTHREAD = 1;
    /** Flag: reclaims memory right now, so its allocations may dip into the reserves and must not reclaim again. */
    public static final int PF_MEMALLOC = 2;
    /** Flag: chosen by the OOM killer; exits at the next return to user mode. */
    public static final int PF_OOM_VICTIM = 4;
    /** Flag: serves others for ever; an explored execution ends when only such tasks are left, waiting. */
    public static final int PF_DAEMON = 8;

    /** The part of {@link #RCU_NESTING} that counts. */
    public static final int RCU_NESTING_MASK = 0xffff;

    private static final StructLayout.Builder S = StructLayout.struct("task_struct");
    /** One of the states. Written by the task itself (once), and by wakers under the run queue lock. */
    public static final I32Field STATE = S.i32("state");
    /** CPU the task is pinned to; constant from spawn to exit. */
    public static final I32Field CPU = S.i32("cpu");
    /** Process id, unique over the life of the machine. */
    public static final I32Field PID = S.i32("pid");
    /** {@code PF_} bits; atomics, since the OOM killer sets one from outside. */
    public static final I32Field FLAGS = S.i32("flags");
    /** References: one for running, one for whoever reaps. Atomics. */
    public static final I32Field USAGE = S.i32("usage");
    /** Host-side id of the command name, for reports (the scheduler keeps the names). */
    public static final I32Field COMM = S.i32("comm");
    /** Next task on the run queue. Guarded by the run queue lock. */
    public static final RefField RUN_NEXT = S.ref("run_next", Task.class);
    /** 1 while on a run queue. Guarded by the run queue lock. */
    public static final I32Field ON_RQ = S.i32("on_rq");
    /** 1 if {@link #WAIT_NEXT} is linked into a wait queue. Guarded by that queue's lock. */
    public static final I32Field ON_WAIT = S.i32("on_wait");
    /** Next waiter. Guarded by the wait queue lock. */
    public static final RefField WAIT_NEXT = S.ref("wait_next", Task.class);
    /** Previous waiter. Guarded by the wait queue lock. */
    public static final RefField WAIT_PREV = S.ref("wait_prev", Task.class);
    /** What kind of waiter this is (reader or writer of a semaphore); private to the queue's owner. */
    public static final I64Field WAIT_KIND = S.i64("wait_kind");
    /** Next task with a timer on this CPU. Own CPU only, interrupts disabled. */
    public static final RefField TIMER_NEXT = S.ref("timer_next", Task.class);
    /** Jiffies at which the timer wakes the task; 0 if no timer runs. Own CPU only, interrupts disabled. */
    public static final I64Field TIMER_EXPIRES = S.i64("timer_expires");
    /** Jiffies when the task last went to sleep, for the hung-task detector. */
    public static final I64Field SLEEP_JIFFIES = S.i64("sleep_jiffies");
    /** Lock the task sleeps on or spins for, 0 if none; racy, for reports. */
    public static final RefField BLOCKED_ON = S.ref("blocked_on", Object.class);
    /** Address space of the task, 0 for kernel threads. Own task; cleared on exit. */
    public static final RefField MM = S.ref("mm", Object.class);
    /** The process structure of the layer above, 0 if none. Own task. */
    public static final RefField PROCESS = S.ref("process", Object.class);
    /** Free-list link of the slot. Guarded by the task table lock. */
    public static final RefField FREE_NEXT = S.ref("free_next", Task.class);
    /**
     * Nesting of preemptible RCU readers ({@link #RCU_NESTING_MASK}), and bits that RCU keeps above it; 0 with other
     * flavours. Own task, and its CPU on its behalf.
     */
    public static final I32Field RCU_NESTING = S.i32("rcu_nesting");
    /** Exit code, valid once dead. */
    public static final I32Field EXIT_CODE = S.i32("exit_code");

    /** Size and members. */
    public static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

    private Task() {}

    /** True if {@code task} is in a preemptible RCU reader. Own task, or its CPU. */
    public static boolean inReader(Cpu cpu, @Ref(Task.class) long task) {
        return (RCU_NESTING.get(cpu, task) & RCU_NESTING_MASK) != 0;
    }
}

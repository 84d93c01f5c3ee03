package kemu.hw.machine;

import kemu.hw.cpu.InterruptLine;
import kemu.hw.layout.I32Field;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;

/**
 * Head of every per-CPU area. Plain fields are read and written by their own CPU only; {@link #PENDING} is the one word
 * that other CPUs write, so it has a line of its own.
 */
public final class Area {
    /** Pending bit: the timer ticked. */
    public static final int TICK = 1;
    /** Pending bit: another CPU wants a function called here. */
    public static final int CALL = 2;
    /** Pending bit: the scheduler should pick again (TIF_NEED_RESCHED). */
    public static final int RESCHED = 4;
    /** Pending bit: the machine halted. */
    public static final int HALT = 8;

    /** Added to the preempt count while an interrupt handler runs. */
    public static final int HARDIRQ = 1 << 16;
    /** Added to the preempt count while softirqs run. */
    public static final int SOFTIRQ = 1 << 8;

    private static final StructLayout.Builder S = StructLayout.struct("cpu_area");
    /** Pending interrupt bits. Atomics by anyone; acquire loads by the owner. */
    public static final I32Field PENDING = S.i32("pending");

    /**
     * Nesting of preemption disabling, spinlocks held, plus {@link #HARDIRQ} in a handler, {@link #SOFTIRQ} in a
     * softirq.
     */
    public static final I32Field PREEMPT_COUNT = S.cacheLine().i32("preempt_count");
    /** Nesting of interrupt disabling. */
    public static final I32Field IRQ_DEPTH = S.i32("irq_depth");
    /** Softirqs raised on this CPU, one bit each. */
    public static final I32Field SOFTIRQ_PENDING = S.i32("softirq_pending");
    /** 1 while softirqs run. */
    public static final I32Field IN_SOFTIRQ = S.i32("in_softirq");
    /** {@link kemu.hw.cpu.Mode} of the CPU, for handlers that ask what was interrupted. */
    public static final I32Field MODE = S.i32("mode");
    /** Pid of the current task. */
    public static final I32Field CURRENT_PID = S.i32("current_pid");
    /** The current task. */
    public static final RefField CURRENT = S.ref("current", Object.class);
    /** The idle task of this CPU. */
    public static final RefField IDLE_TASK = S.ref("idle_task", Object.class);
    /** Jiffies when this CPU last switched tasks or idled; the soft-lockup detector reads it. */
    public static final I64Field SCHED_JIFFIES = S.i64("sched_jiffies");
    /** mm whose memory a user access is touching right now, 0 for none. Written here, read by TLB shootdowns. */
    public static final RefField USER_ACCESS_MM = S.cacheLine().ref("user_access_mm", Object.class);

    /** Size and members. */
    public static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

    static {
        if (PENDING.offset() != InterruptLine.OFFSET) {
            throw new AssertionError("the CPU looks for its interrupts elsewhere: " + PENDING);
        }
    }

    private Area() {}
}

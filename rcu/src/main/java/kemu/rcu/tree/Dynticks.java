package kemu.rcu.tree;

import kemu.hw.cpu.Cpu;

/**
 * The extended quiescent state: a CPU's counter is even while it idles, so that others can credit it without waking it.
 * Handlers that interrupt idle are watched like any code. Source: Linux 6.1 kernel/context_tracking.c and rcu/tree.c.
 */
final class Dynticks {
    private Dynticks() {}

    /** ct_idle_enter: from here on no reader runs on this CPU. */
    static void enterIdle(Cpu cpu, long data) {
        cpu.fetchAdd64(RcuData.DYNTICKS.of(data), 1, RcuBarriers.EQS_ENTER);
    }

    /** ct_idle_exit: readers may run again. */
    static void exitIdle(Cpu cpu, long data) {
        cpu.fetchAdd64(RcuData.DYNTICKS.of(data), 1, RcuBarriers.EQS_EXIT);
    }

    /** rcu_momentary_dyntick_idle: a moment of idle, at a context switch. */
    static void momentaryIdle(Cpu cpu, long data) {
        cpu.fetchAdd64(RcuData.DYNTICKS.of(data), 2, RcuBarriers.EQS_ENTER);
    }

    /** ct_irq_enter: if this CPU idled, RCU watches it until the matching {@link #exitIrq}. Nests. */
    static void enterIrq(Cpu cpu, long data) {
        int nesting = RcuData.IRQ_NESTING.get(cpu, data);
        if (nesting != 0) {
            RcuData.IRQ_NESTING.set(cpu, data, nesting + 1);
        } else if (inIdle(RcuData.DYNTICKS.readOnce(cpu, data))) {
            RcuData.IRQ_NESTING.set(cpu, data, 1);
            exitIdle(cpu, data);
        }
    }

    /** ct_irq_exit. */
    static void exitIrq(Cpu cpu, long data) {
        int nesting = RcuData.IRQ_NESTING.get(cpu, data);
        if (nesting != 0) {
            RcuData.IRQ_NESTING.set(cpu, data, nesting - 1);
            if (nesting == 1) {
                enterIdle(cpu, data);
            }
        }
    }

    /** True if the handler that runs now interrupted idle. Own CPU. */
    static boolean interruptedIdle(Cpu cpu, long data) {
        return RcuData.IRQ_NESTING.get(cpu, data) != 0;
    }

    /** The counter of another CPU, after all that the caller did before. */
    static long snap(Cpu cpu, long data) {
        cpu.smpMb(RcuBarriers.FQS_SNAP);
        return cpu.loadAcquire64(RcuData.DYNTICKS.of(data), RcuBarriers.FQS_LOAD);
    }

    /** True if a counter of {@code snap} says that the CPU idles. */
    static boolean inIdle(long snap) {
        return (snap & 1) == 0;
    }
}

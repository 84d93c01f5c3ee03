package kemu.rcu.tree;

import java.util.function.Consumer;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Area;
import kemu.hw.order.Order;
import kemu.kernel.context.Task;
import kemu.kernel.task.Comms;

/**
 * The stall detector: every tick looks whether the running grace period is too old. One CPU reports it, once a grace
 * period; the CPU itself if it is one of those that hold it up. Source: Linux 6.1 kernel/rcu/tree_stall.h.
 */
final class Stall {
    /** How long a CPU that is not to blame leaves it to those that are. */
    private static final long OTHERS_DELAY = 2;

    /** A deadline that never comes: this grace period has been reported. */
    private static final long REPORTED = Long.MAX_VALUE;

    private static final int STACK_DEPTH = 24;

    private Stall() {}

    /** check_cpu_stall. Context: tick. */
    static void check(Cpu cpu, RcuTree tree, String flavor) {
        long state = tree.state();
        if (!tree.gpInProgress(cpu)) {
            return;
        }
        long deadline = RcuState.JIFFIES_STALL.readOnce(cpu, state);
        long now = tree.machine().jiffies(cpu);
        if (deadline == REPORTED || now < deadline) {
            return;
        }
        long data = tree.data(cpu);
        long leaf = RcuData.MYNODE.get(cpu, data);
        boolean self = (RcuNode.QSMASK.readOnce(cpu, leaf) & RcuData.GRPMASK.get(cpu, data)) != 0
                && !Dynticks.interruptedIdle(cpu, data);
        if (!self && now < deadline + OTHERS_DELAY) {
            return;
        }
        long limit = tree.options().stallJiffies();
        // The deadline is within the limit by a tick; later, nothing but the host is a reason to wait.
        if (!tree.machine().stoodStill(now - RcuState.GP_START.readOnce(cpu, state) + 1, limit)) {
            // The host keeps a CPU waiting: as much time again.
            cpu.cmpxchg64(RcuState.JIFFIES_STALL.of(state), deadline, now + limit, Order.RELAXED);
            return;
        }
        if (cpu.cmpxchg64(RcuState.JIFFIES_STALL.of(state), deadline, REPORTED, Order.FULL) != deadline) {
            return;
        }
        RcuState.STALLS.add(cpu, state, 1);
        report(cpu, tree, flavor, self);
    }

    private static void report(Cpu cpu, RcuTree tree, String flavor, boolean self) {
        Consumer<String> sink = tree.options().stallSink();
        long state = tree.state();
        long now = tree.machine().jiffies(cpu);
        sink.accept("INFO: " + flavor + (self ? " self-detected stall on CPU" : " detected stalls on CPUs/tasks:"));
        int stalled = 0;
        long waiting = 0;
        for (int id = 0; id < tree.machine().cpus(); id++) {
            long data = tree.dataOf(id);
            long leaf = RcuData.MYNODE.readOnce(cpu, data);
            waiting += RcuData.LEN.readOnce(cpu, data);
            if ((RcuNode.QSMASK.readOnce(cpu, leaf) & RcuData.GRPMASK.readOnce(cpu, data)) != 0) {
                stalled++;
                sink.accept(describeCpu(cpu, tree, id));
            }
        }
        if (tree.blockedReaders() != null) {
            stalled += tree.blockedReaders().describe(cpu, sink);
        }
        if (stalled == 0) {
            sink.accept("INFO: Stall ended before state dump start");
        }
        sink.accept("\t(" + (self ? "" : "detected by " + cpu.id() + ", ") + "t="
                + (now - RcuState.GP_START.readOnce(cpu, state)) + " jiffies, g="
                + (RcuState.GP_SEQ.readOnce(cpu, state) >> GpSeq.COUNTER_SHIFT) + ", q=" + waiting + " ncpus="
                + tree.machine().cpus() + ")");
        long silent = now - RcuState.GP_ACTIVITY.readOnce(cpu, state);
        if (silent > tree.options().stallJiffies() / 2) {
            sink.accept(flavor + " kthread starved for " + silent + " jiffies! f0x"
                    + Integer.toHexString(RcuState.GP_FLAGS.readOnce(cpu, state)) + " "
                    + RcuState.stateName(RcuState.GP_STATE.readOnce(cpu, state)));
        }
        if (self) {
            stack(sink);
        }
    }

    private static String describeCpu(Cpu cpu, RcuTree tree, int id) {
        long data = tree.dataOf(id);
        long area = tree.machine().cpu(id).area();
        long task = Area.CURRENT.readOnce(cpu, area);
        return "\t" + id + "-....: (" + RcuData.TICKS_THIS_GP.readOnce(cpu, data) + " ticks this GP) idle="
                + Long.toHexString(RcuData.DYNTICKS.readOnce(cpu, data) & 0xfff) + "/"
                + RcuData.IRQ_NESTING.readOnce(cpu, data) + " fqs=" + RcuState.N_FORCE_QS.readOnce(cpu, tree.state())
                + " task=" + Comms.of(cpu).nameOf(cpu, task) + ":" + Task.PID.readOnce(cpu, task) + " preempt_count=0x"
                + Integer.toHexString(Area.PREEMPT_COUNT.readOnce(cpu, area));
    }

    private static void stack(Consumer<String> sink) {
        int shown = 0;
        for (StackTraceElement frame : new Throwable().getStackTrace()) {
            if (frame.getClassName().startsWith("kemu.") && shown++ < STACK_DEPTH) {
                sink.accept("\t " + frame);
            }
        }
    }
}

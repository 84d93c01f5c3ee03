package kemu.kernel.task;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Area;
import kemu.hw.machine.Machine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.mem.KernelOops;
import kemu.kernel.context.Preempt;
import kemu.kernel.context.Task;

/** What the kernel prints when a CPU or the machine stands still. Reads memory racily; failure path only. */
final class HangReport {
    private static final int STACK_DEPTH = 24;

    private HangReport() {}

    /** A soft lockup noticed by the tick on {@code cpu} itself, so the stack is the caller's. */
    static String softLockup(Cpu cpu) {
        long stuck = Machine.of(cpu).jiffies(cpu) - Area.SCHED_JIFFIES.get(cpu, cpu.area());
        long task = Sched.current(cpu);
        StringBuilder out = new StringBuilder(512);
        out.append("BUG: soft lockup - CPU#").append(cpu.id()).append(" stuck for ");
        out.append(stuck / MachineConfig.HZ).append("s! ");
        appendTask(out, cpu, task);
        out.append('\n');
        appendStack(out, new Throwable().getStackTrace());
        out.append(hang(cpu));
        return out.toString();
    }

    /** A CPU that serves no ticks: it spins with interrupts disabled, or in a loop that never polls. */
    static String hardLockup(Cpu cpu, int id, int ticks, StackTraceElement[] where) {
        long task = Area.CURRENT.readOnce(cpu, Machine.of(cpu).cpu(id).area());
        StringBuilder out = new StringBuilder(512);
        out.append("BUG: hard LOCKUP on cpu ").append(id).append(", no tick served for ");
        out.append(ticks / MachineConfig.HZ).append("s! ");
        appendTask(out, cpu, task);
        appendBlockedOn(out, cpu, task);
        out.append('\n');
        appendStack(out, where);
        return out.append(hang(cpu)).toString();
    }

    /** A task that has been in uninterruptible sleep for too long. */
    static String hungTask(Cpu cpu, long task, long seconds) {
        StringBuilder out = new StringBuilder(512);
        out.append("INFO: task ").append(LockReport.comm(cpu, task)).append(':');
        out.append(Task.PID.readOnce(cpu, task)).append(" blocked for more than ");
        out.append(seconds).append(" seconds.");
        appendBlockedOn(out, cpu, task);
        out.append('\n');
        return out.append(hang(cpu)).toString();
    }

    /** A task that gives up its CPU, or ends, with preemption or interrupts disabled. */
    static String schedulingWhileAtomic(Cpu cpu) {
        long task = Sched.current(cpu);
        return "BUG: scheduling while atomic: " + LockReport.comm(cpu, task) + "/" + Task.PID.get(cpu, task)
                + String.format("/0x%08x", Preempt.count(cpu))
                + (Preempt.irqsDisabled(cpu) ? ", interrupts disabled" : "")
                + (Task.inReader(cpu, task) ? ", inside an RCU reader" : "") + " on CPU#" + cpu.id();
    }

    /** Every CPU and every sleeping task: what it waits for and who holds that. */
    static String hang(Cpu cpu) {
        Machine machine = Machine.of(cpu);
        Sched sched = Sched.of(machine);
        StringBuilder out = new StringBuilder(1024);
        out.append("INFO: tasks and locks of the machine:\n");
        for (int i = 0; i < machine.cpus(); i++) {
            long current = Area.CURRENT.get(cpu, machine.cpu(i).area());
            out.append("CPU#").append(i).append(" runs ");
            appendTask(out, cpu, current);
            appendReader(out, cpu, current);
            appendBlockedOn(out, cpu, current);
            out.append('\n');
        }
        for (int i = 0; i < sched.tasks().count(); i++) {
            long task = sched.tasks().at(i);
            int state = Task.STATE.readOnce(cpu, task);
            boolean preemptedReader = state == Task.RUNNING && Task.inReader(cpu, task) && !runs(cpu, task);
            if (state == Task.UNINTERRUPTIBLE || state == Task.INTERRUPTIBLE || preemptedReader) {
                out.append("task ");
                appendTask(out, cpu, task);
                out.append(preemptedReader ? " state:R" : state == Task.UNINTERRUPTIBLE ? " state:D" : " state:S");
                appendReader(out, cpu, task);
                appendBlockedOn(out, cpu, task);
                out.append('\n');
                if (state == Task.UNINTERRUPTIBLE && sched.fiberOf(task) != null) {
                    appendStack(out, sched.fiberOf(task).stackTrace());
                }
            }
        }
        return out.toString();
    }

    private static boolean runs(Cpu cpu, long task) {
        Machine machine = Machine.of(cpu);
        for (int i = 0; i < machine.cpus(); i++) {
            if (Area.CURRENT.readOnce(cpu, machine.cpu(i).area()) == task) {
                return true;
            }
        }
        return false;
    }

    /** Grace periods wait for it, and what was freed in them waits for those. */
    private static void appendReader(StringBuilder out, Cpu cpu, long task) {
        try {
            out.append(Task.inReader(cpu, task) ? " inside an RCU reader" : "");
        } catch (KernelOops oops) {
            // Named as wild already.
        }
    }

    /** A report is made of a machine that is broken: what its pointers lead to may not be there. */
    private static void appendTask(StringBuilder out, Cpu cpu, long task) {
        try {
            out.append(LockReport.nameOf(cpu, task));
        } catch (KernelOops oops) {
            out.append('[').append(wild(task)).append(']');
        }
    }

    private static void appendBlockedOn(StringBuilder out, Cpu cpu, long task) {
        long lock;
        try {
            lock = Task.BLOCKED_ON.readOnce(cpu, task);
        } catch (KernelOops oops) {
            return;
        }
        if (lock != Cpu.NULL) {
            out.append(" waits for ");
            try {
                out.append(LockReport.describe(cpu, lock));
            } catch (KernelOops oops) {
                out.append(wild(lock));
            }
        }
    }

    private static String wild(long pointer) {
        return "0x" + Long.toHexString(pointer) + " (wild)";
    }

    private static void appendStack(StringBuilder out, StackTraceElement[] stack) {
        int shown = 0;
        for (StackTraceElement frame : stack) {
            if (frame.getClassName().startsWith("kemu.") && shown++ < STACK_DEPTH) {
                out.append("  ").append(frame).append('\n');
            }
        }
    }
}

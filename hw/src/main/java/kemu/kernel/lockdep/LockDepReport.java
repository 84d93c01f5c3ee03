package kemu.kernel.lockdep;

import java.util.Map;
import kemu.hw.cpu.EmuCpu;
import kemu.hw.cpu.Event;
import kemu.hw.machine.Area;
import kemu.hw.machine.EmuMachine;
import kemu.hw.mem.FailureKind;
import kemu.hw.shadow.CallStack;
import kemu.kernel.context.Task;
import kemu.kernel.locking.LockClass;
import kemu.kernel.task.Comms;

/** The words of the lock validator; those of the kernel where it has them. Failure path only. */
final class LockDepReport {
    /** A report: what it is of, its head, equal for equal findings, and the rest. */
    record Finding(FailureKind kind, String key, String text) {}

    private final EmuMachine machine;
    private final LockGraph graph;
    private final HeldLocks held;
    private final Map<Integer, CallStack[]> orders;

    LockDepReport(EmuMachine machine, LockGraph graph, HeldLocks held, Map<Integer, CallStack[]> orders) {
        this.machine = machine;
        this.graph = graph;
        this.held = held;
        this.orders = orders;
    }

    private String who(EmuCpu cpu) {
        int pid = cpu.peek32(Area.CURRENT_PID.of(cpu.area()));
        int comm = cpu.peek32(Task.COMM.of(LockDep.taskOn(cpu)));
        return Comms.of(machine).name(comm) + "/" + pid;
    }

    private String name(EmuCpu cpu, long lock, int mode) {
        int subclass = Event.subclassOf(mode);
        return (Event.kindOf(mode) == LockClass.BIT
                        ? "bit lock"
                        : LockClass.nameOf(LockDep.classOf(cpu, lock, mode)) + (subclass == 0 ? "" : "/" + subclass))
                + " 0x" + Long.toHexString(lock) + ((mode & Event.READ) != 0 ? " for reading" : "");
    }

    /** The lock that {@code cpu} wants, and from where. */
    private String wanted(EmuCpu cpu, long lock, int mode) {
        return " (" + name(cpu, lock, mode) + "), at: " + CallStack.here().caller() + "\n";
    }

    private String heldLine(EmuCpu cpu, int i) {
        return " (" + name(cpu, held.locks[i], held.modes[i]) + ")"
                + (held.takenAt[i] == null ? "" : ", at: " + held.takenAt[i].caller()) + "\n";
    }

    private String tail(EmuCpu cpu) {
        StringBuilder out = new StringBuilder(256);
        int count = 0;
        for (int i = 0; i < held.count; i++) {
            if (mine(cpu, i)) {
                out.append(" #").append(count++).append(':').append(heldLine(cpu, i));
            }
        }
        return count + (count == 1 ? " lock" : " locks") + " held by " + who(cpu) + (count == 0 ? ".\n" : ":\n") + out
                + "stack backtrace:\n" + CallStack.here();
    }

    private boolean mine(EmuCpu cpu, int i) {
        return held.owners[i] == LockDep.taskOn(cpu) || held.owners[i] == -1L - cpu.id();
    }

    Finding recursive(EmuCpu cpu, long lock, int mode, int i) {
        return new Finding(
                FailureKind.LOCK_ORDER,
                "WARNING: possible recursive locking detected: " + graph.name(held.nodes[i]) + "\n",
                who(cpu) + " is trying to acquire lock:\n" + wanted(cpu, lock, mode)
                        + "but task is already holding lock:\n" + heldLine(cpu, i)
                        + (held.locks[i] == lock
                                ? "It is the same lock: it waits for itself.\n"
                                : "May be due to missing lock nesting notation.\n")
                        + tail(cpu));
    }

    /** {@code path} leads from the lock wanted to the held lock {@code i}. */
    Finding circular(EmuCpu cpu, long lock, int mode, int i, int[] path) {
        StringBuilder chain = new StringBuilder(512);
        StringBuilder names = new StringBuilder(64);
        for (int k = path.length - 1; k >= 0; k--) {
            chain.append("-> #")
                    .append(k)
                    .append(" (")
                    .append(graph.name(path[k]))
                    .append(')');
            CallStack[] at = k == 0 ? null : orders.get(path[k - 1] * LockGraph.MAX + path[k]);
            if (at != null) {
                chain.append(", taken while holding ")
                        .append(graph.name(path[k - 1]))
                        .append(":\n")
                        .append(at[1]);
            } else {
                chain.append(k == 0 ? ", which is wanted now\n" : "\n");
            }
            names.append(graph.name(path[path.length - 1 - k])).append(" --> ");
        }
        names.append(graph.name(path[0]));
        return new Finding(
                FailureKind.LOCK_ORDER,
                "WARNING: possible circular locking dependency detected: " + names + "\n",
                who(cpu) + " is trying to acquire lock:\n" + wanted(cpu, lock, mode)
                        + "but task is already holding lock:\n" + heldLine(cpu, i)
                        + "which lock already depends on the new lock.\n"
                        + "the existing dependency chain (in reverse order) is:\n" + chain + tail(cpu));
    }

    /**
     * A lock taken in interrupts, and where they may strike; {@code now} if it is the former that has just happened.
     */
    Finding inconsistent(EmuCpu cpu, long lock, int node, int mode, String context, boolean now) {
        String in = "{IN-" + context + "-W}";
        String on = "{" + context + "-ON-W}";
        return new Finding(
                FailureKind.LOCK_IRQ,
                "WARNING: inconsistent lock state: " + graph.name(node) + " " + in + " " + on + "\n",
                "inconsistent " + (now ? on + " -> " + in : in + " -> " + on) + " usage.\n" + who(cpu) + " takes:\n"
                        + wanted(cpu, lock, mode)
                        + "A handler that strikes while the lock is held waits for what it has interrupted.\n"
                        + tail(cpu));
    }

    /** {@code path} leads from a lock taken in interrupts to one taken where they may strike. */
    Finding inversion(EmuCpu cpu, long lock, int mode, String context, int[] path) {
        StringBuilder names = new StringBuilder(64);
        for (int node : path) {
            names.append(names.isEmpty() ? "" : " --> ").append(graph.name(node));
        }
        return new Finding(
                FailureKind.LOCK_IRQ,
                "WARNING: " + context + "-safe -> " + context + "-unsafe lock order detected: " + names + "\n",
                who(cpu) + " takes:\n" + wanted(cpu, lock, mode) + tail(cpu));
    }

    Finding freed(EmuCpu cpu, long from, long bytes, int i) {
        return new Finding(
                FailureKind.HELD_LOCK_FREED,
                "WARNING: held lock freed! " + graph.name(held.nodes[i]) + "\n",
                who(cpu) + " is freeing memory 0x" + Long.toHexString(from) + "-0x"
                        + Long.toHexString(from + bytes - 1) + ", with a lock still held there!\n" + heldLine(cpu, i)
                        + tail(cpu));
    }

    String sleeping(EmuCpu cpu) {
        CallStack stack = CallStack.here();
        int count = cpu.peek32(Area.PREEMPT_COUNT.of(cpu.area()));
        int irqs = cpu.peek32(Area.IRQ_DEPTH.of(cpu.area()));
        int nesting = cpu.peek32(Task.RCU_NESTING.of(LockDep.taskOn(cpu))) & Task.RCU_NESTING_MASK;
        return "BUG: sleeping function called from invalid context at " + stack.function() + "\n"
                + "in_atomic(): " + (count == 0 ? 0 : 1) + ", irqs_disabled(): " + (irqs == 0 ? 0 : 1) + ", pid: "
                + cpu.peek32(Area.CURRENT_PID.of(cpu.area())) + ", cpu: " + cpu.id() + "\npreempt_count: "
                + Integer.toHexString(count) + ", expected: 0\nRCU nest depth: " + nesting + ", expected: 0\n"
                + tail(cpu);
    }
}

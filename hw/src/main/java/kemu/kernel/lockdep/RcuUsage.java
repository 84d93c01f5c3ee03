package kemu.kernel.lockdep;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kemu.hw.cpu.EmuCpu;
import kemu.hw.cpu.Event;
import kemu.hw.cpu.Mode;
import kemu.hw.cpu.Witness;
import kemu.hw.machine.Area;
import kemu.hw.machine.EmuMachine;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.hw.shadow.CallStack;
import kemu.kernel.context.Task;
import kemu.kernel.task.Comms;
import kemu.kernel.task.Sched;

/**
 * Watches how RCU is used, and whether it keeps its word: a pointer of readers followed outside a reader, a reader in
 * idle, an end without a beginning, a task that ends as a reader, a wait for a grace period inside a reader; and a
 * reader that began before a grace period was asked for and goes on after it has ended. It counts readers by itself and
 * asks the implementation of RCU nothing.
 *
 * <p>What is found is kept and nothing stops, but for a wait inside a reader, which would not end.
 *
 * <p>Source: Linux 6.1 kernel/locking/lockdep.c, lockdep_rcu_suspicious(), for the wording.
 */
public final class RcuUsage implements Witness {
    private static final int MOST_FOUND = 8;

    /** A reader, outermost, by its task. */
    private static final class Reader {
        private int pid;
        private int depth;
        private long since;
        private int cpu;
        private CallStack at;
    }

    /** Somebody who has asked for a grace period. */
    private record Waiter(long since, String who, CallStack at) {}

    private final EmuMachine machine;
    private final boolean preemptCounts;
    private final List<Reader> readers = new ArrayList<>();
    private int active;
    private final Map<Long, Waiter> queued = new HashMap<>();
    private final Map<Integer, Waiter> waiting = new HashMap<>();
    private final List<KernelBug> found = new ArrayList<>();
    private long now;
    private boolean stacks;

    /**
     * Watches {@code machine}.
     *
     * @param preemptCounts whether code with preemption or interrupts disabled is a reader, as with rcu_sched
     */
    public RcuUsage(EmuMachine machine, boolean preemptCounts) {
        this.machine = machine;
        this.preemptCounts = preemptCounts;
        machine.attach(this);
    }

    /** Keeps where readers and waits began, or not: slow, for the report of a fault that is known. */
    public void keepStacks(boolean value) {
        stacks = value;
    }

    /** An execution begins: nobody reads, nobody waits. */
    public void begin() {
        active = 0;
        now = 0;
        queued.clear();
        waiting.clear();
        found.clear();
    }

    /** What was wrong in this execution, first come first. */
    public List<KernelBug> found() {
        return found;
    }

    /** All tasks have ended: whoever still is a reader is reported. */
    public void ended() {
        for (int i = 0; i < active; i++) {
            Reader reader = readers.get(i);
            add(
                    FailureKind.RCU_USAGE,
                    "WARNING: " + who(reader.pid) + " still has locks held!\n (rcu_read_lock)"
                            + (reader.at == null ? "\n" : ", taken at:\n" + reader.at));
        }
    }

    @Override
    public void told(EmuCpu cpu, int event, long object, long detail) {
        switch (event) {
            case Event.RCU_READ_LOCKED -> begins(cpu);
            case Event.RCU_READ_UNLOCKING -> ends(cpu);
            case Event.RCU_DEREFERENCED -> dereferenced(cpu, object);
            case Event.RCU_WAITS -> waits(cpu, object);
            case Event.RCU_WAITED -> over(cpu, waiting.remove(pidOn(cpu)));
            case Event.RCU_QUEUED -> queued.put(object, waiter(cpu));
            case Event.RCU_INVOKED -> over(cpu, queued.remove(object));
            default -> {}
        }
    }

    private static int pidOn(EmuCpu cpu) {
        return cpu.peek32(Area.CURRENT_PID.of(cpu.area()));
    }

    private int find(int pid) {
        for (int i = 0; i < active; i++) {
            if (readers.get(i).pid == pid) {
                return i;
            }
        }
        return -1;
    }

    private void begins(EmuCpu cpu) {
        int pid = pidOn(cpu);
        int known = find(pid);
        if (known >= 0) {
            readers.get(known).depth++;
            return;
        }
        if (active == readers.size()) {
            readers.add(new Reader());
        }
        Reader reader = readers.get(active++);
        reader.pid = pid;
        reader.cpu = cpu.id();
        reader.depth = 1;
        reader.since = now++;
        reader.at = stacks ? CallStack.here() : null;
        if (cpu.peek32(Area.MODE.of(cpu.area())) == Mode.IDLE && count(cpu) < Area.SOFTIRQ) {
            suspicious(cpu, "rcu_read_lock() used illegally while idle!");
        }
    }

    private void ends(EmuCpu cpu) {
        int pid = pidOn(cpu);
        int at = find(pid);
        if (at < 0) {
            CallStack stack = CallStack.here();
            add(
                    FailureKind.BAD_UNLOCK,
                    "WARNING: bad unlock balance detected! " + who(pid) + " on cpu " + cpu.id()
                            + " is trying to release lock (rcu_read_lock) at " + stack.caller()
                            + " but there are no more locks to release!\nstack backtrace:\n" + stack);
        } else if (--readers.get(at).depth == 0) {
            Reader last = readers.get(--active);
            readers.set(active, readers.get(at));
            readers.set(at, last);
        }
    }

    private static int count(EmuCpu cpu) {
        return cpu.peek32(Area.PREEMPT_COUNT.of(cpu.area()));
    }

    private boolean isReader(EmuCpu cpu) {
        return find(pidOn(cpu)) >= 0
                || preemptCounts && (count(cpu) != 0 || cpu.peek32(Area.IRQ_DEPTH.of(cpu.area())) != 0);
    }

    private void dereferenced(EmuCpu cpu, long address) {
        if (!isReader(cpu)) {
            suspicious(
                    cpu,
                    "suspicious rcu_dereference_check() usage of 0x" + Long.toHexString(address) + " ("
                            + machine.memory().symbols().nameOf(address) + ")!");
        }
    }

    private Waiter waiter(EmuCpu cpu) {
        return new Waiter(
                now++, stacks ? who(pidOn(cpu)) + " on cpu " + cpu.id() : "", stacks ? CallStack.here() : null);
    }

    private void waits(EmuCpu cpu, long what) {
        boolean synchronize = what == Event.RCU_SYNCHRONIZE;
        if (find(pidOn(cpu)) >= 0) {
            throw new KernelBug(
                    FailureKind.RCU_USAGE,
                    suspiciousText(
                            cpu,
                            "Illegal " + (synchronize ? "synchronize_rcu" : "rcu_barrier")
                                    + "() in RCU read-side critical section!"));
        }
        if (synchronize) {
            waiting.put(pidOn(cpu), waiter(cpu));
        }
    }

    /** What {@code waiter} waited for has happened: nobody who read before may still read. */
    private void over(EmuCpu cpu, Waiter waiter) {
        for (int i = 0; waiter != null && i < active; i++) {
            Reader reader = readers.get(i);
            if (reader.since < waiter.since) {
                add(
                        FailureKind.RCU_OUTLIVED,
                        "BUG: RCU reader outlived by a grace period: " + who(reader.pid) + " on cpu " + reader.cpu
                                + " reads since before it was asked for\nit ends for " + who(pidOn(cpu)) + " on cpu "
                                + cpu.id()
                                + " at:\n" + CallStack.here()
                                + (waiter.at == null ? "" : "asked for by " + waiter.who + " at:\n" + waiter.at)
                                + (reader.at == null ? "" : "the reader began at:\n" + reader.at));
            }
        }
    }

    private void suspicious(EmuCpu cpu, String what) {
        add(FailureKind.RCU_USAGE, suspiciousText(cpu, what));
    }

    private String suspiciousText(EmuCpu cpu, String what) {
        CallStack stack = CallStack.here();
        int at = find(pidOn(cpu));
        CallStack began = at < 0 ? null : readers.get(at).at;
        return "WARNING: suspicious RCU usage at " + stack.caller() + "\n" + what + "\n"
                + (at < 0 ? "no rcu_read_lock held by " : readers.get(at).depth + " rcu_read_lock held by ")
                + who(pidOn(cpu)) + " on cpu " + cpu.id() + (began == null ? "\n" : ", taken at:\n" + began)
                + "stack backtrace:\n" + stack;
    }

    private String who(int pid) {
        for (int i = 0; i < Sched.of(machine).tasks().count(); i++) {
            long task = Sched.of(machine).tasks().at(i);
            if ((int) machine.frames().load(Task.PID.of(task), 4) == pid) {
                return Comms.of(machine).name((int) machine.frames().load(Task.COMM.of(task), 4)) + "/" + pid;
            }
        }
        return "pid " + pid;
    }

    private void add(FailureKind kind, String text) {
        if (found.size() < MOST_FOUND) {
            found.add(new KernelBug(kind, text));
        }
    }
}

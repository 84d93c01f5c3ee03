package kemu.kernel.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.MachineConfig;
import kemu.hw.machine.NativeMachine;
import kemu.hw.shadow.CallStack;
import kemu.kernel.context.Task;

/**
 * Spinlocks that were released by a CPU that had not taken them, on a machine that goes on nevertheless: what a hang
 * hours later is explained by. The first few are kept as they were when it happened, the rest is counted.
 */
public final class WrongUnlocks {
    /** Kept of each CPU. */
    private static final int MOST_KEPT = 8;

    /** A lock, and what it was called when it was noted: a slab may have handed its object out again since. */
    private record Lock(long address, String description) {}

    /** {@code released} was released by {@code task}, which had taken {@code held} and not released it. */
    private record WrongUnlock(String task, int cpu, long jiffies, Lock released, List<Lock> held, CallStack stack) {}

    private final NativeMachine machine;
    private final HeldSpinLocks[] heldOn;
    /** Of each CPU the first few, in order; then null. Written by that CPU only, read when the machine is at rest. */
    private final WrongUnlock[][] kept;
    /** How many each CPU has done; likewise. */
    private final long[] counts;

    WrongUnlocks(NativeMachine machine) {
        this.machine = machine;
        kept = new WrongUnlock[machine.cpus()][MOST_KEPT];
        counts = new long[machine.cpus()];
        heldOn = new HeldSpinLocks[machine.cpus()];
        for (int i = 0; i < heldOn.length; i++) {
            heldOn[i] = new HeldSpinLocks(this);
            machine.cpu(i).attach(heldOn[i]);
        }
    }

    /** Those of {@code machine}. */
    public static WrongUnlocks of(NativeMachine machine) {
        return KernelCore.of(machine).wrongUnlocks();
    }

    /** The task on {@code cpu} is about to release {@code lock}, which its CPU has not taken; it has {@code held}. */
    void note(Cpu cpu, long lock, long[] held) {
        long before = counts[cpu.id()]++;
        if (before >= MOST_KEPT) {
            return;
        }
        List<Lock> locks = new ArrayList<>();
        for (long one : held) {
            locks.add(lock(cpu, one));
        }
        kept[cpu.id()][(int) before] = new WrongUnlock(
                LockReport.nameOf(cpu, Sched.current(cpu)),
                cpu.id(),
                machine.jiffies(cpu),
                lock(cpu, lock),
                locks,
                CallStack.here());
    }

    /** Addresses of the spinlocks that CPU {@code id} holds about now; it goes on meanwhile. Any thread. */
    public long[] heldBy(int id) {
        return heldOn[id].glimpse();
    }

    private List<WrongUnlock> all() {
        return Arrays.stream(kept)
                .flatMap(Arrays::stream)
                .filter(Objects::nonNull)
                .sorted(Comparator.comparingLong(WrongUnlock::jiffies))
                .toList();
    }

    private Lock lock(Cpu cpu, long address) {
        return new Lock(address, LockReport.describe(cpu, address));
    }

    /** How many there were; racy unless the machine is at rest. */
    public long count() {
        return Arrays.stream(counts).sum();
    }

    /**
     * Why tasks wait for a lock that nobody is going to release, or to hand to them: one sentence for each such lock,
     * empty if no wrong unlock explains it. Context: machine at rest, {@code cpu} any.
     */
    public String cause(Cpu cpu) {
        StringBuilder out = new StringBuilder();
        for (WrongUnlock wrong : all()) {
            for (Lock held : wrong.held) {
                String waiters = stillHeld(wrong, held) ? waiters(cpu, held.address) : "";
                if (!waiters.isEmpty()) {
                    out.append(waiters).append(" waits for ").append(held.description);
                    out.append(", which was left locked: ")
                            .append(where(cpu, wrong))
                            .append(wrong.task);
                    out.append(", which had taken it, released ").append(wrong.released.description);
                    out.append(" instead.\n");
                }
            }
            String waiters = waiters(cpu, wrong.released.address);
            if (!waiters.isEmpty()) {
                out.append(waiters).append(" waits for ").append(wrong.released.description);
                out.append(", whose turn was given away: ")
                        .append(where(cpu, wrong))
                        .append(wrong.task);
                out.append(" released it without having taken it")
                        .append(leftInstead(wrong))
                        .append(".\n");
            }
        }
        return out.toString().stripTrailing();
    }

    private boolean stillHeld(WrongUnlock wrong, Lock held) {
        return heldOn[wrong.cpu].holds(held.address);
    }

    private String leftInstead(WrongUnlock wrong) {
        List<String> left = wrong.held.stream()
                .filter(held -> stillHeld(wrong, held))
                .map(Lock::description)
                .toList();
        return left.isEmpty() ? "" : "; it had taken " + String.join(", ", left) + ", which is left locked";
    }

    private String where(Cpu cpu, WrongUnlock wrong) {
        long seconds = (machine.jiffies(cpu) - wrong.jiffies) / MachineConfig.HZ;
        return "in " + wrong.stack.caller() + " on CPU#" + wrong.cpu + ", " + seconds
                + " s before the machine stopped, ";
    }

    /** The tasks that spin or sleep for {@code lock}; empty if there are none. */
    private String waiters(Cpu cpu, long lock) {
        Sched sched = Sched.of(machine);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < sched.tasks().count(); i++) {
            long task = sched.tasks().at(i);
            if (Task.BLOCKED_ON.readOnce(cpu, task) == lock && Task.STATE.readOnce(cpu, task) != Task.DEAD) {
                names.add(LockReport.nameOf(cpu, task));
            }
        }
        return String.join(", ", names);
    }

    /** All that were kept, with the stack of each: several lines, empty if there were none. At rest. */
    public String describe() {
        StringBuilder out = new StringBuilder();
        for (WrongUnlock wrong : all()) {
            out.append("WARNING: ").append(wrong.task).append(" on CPU#").append(wrong.cpu);
            out.append(" released a spinlock that it had not taken: ")
                    .append(wrong.released.description)
                    .append('\n');
            for (Lock held : wrong.held) {
                out.append("  it had taken: ").append(held.description).append('\n');
            }
            out.append(wrong.stack);
        }
        long more = count() - all().size();
        if (more > 0) {
            out.append(more).append(" more of that kind\n");
        }
        return out.toString().stripTrailing();
    }
}

package kemu.soak.live;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.NativeMachine;
import kemu.hw.mem.KernelOops;
import kemu.kernel.context.Task;
import kemu.kernel.task.LockReport;
import kemu.kernel.task.Sched;
import kemu.kernel.task.WrongUnlocks;

/**
 * Which locks are waited for and held, by samples: each look adds the time since the look before to the classes of the
 * locks that tasks wait for, and of the spinlocks that CPUs hold, at that moment. It costs the CPUs nothing, and says
 * something of a class only after many looks.
 */
public final class LockSamples {
    private final NativeMachine machine;
    private final Map<String, Double> waits = new ConcurrentHashMap<>();
    private final Map<String, Double> holds = new ConcurrentHashMap<>();

    /** Of {@code machine}. */
    LockSamples(NativeMachine machine) {
        this.machine = machine;
    }

    /** Looks; {@code seconds} after it looked last. */
    void take(double seconds) {
        Cpu cpu = machine.bootCpu();
        Sched sched = Sched.of(machine);
        for (int i = 0; i < sched.tasks().count(); i++) {
            long task = sched.tasks().at(i);
            if (Task.STATE.readOnce(cpu, task) != Task.DEAD) {
                add(waits, cpu, Task.BLOCKED_ON.readOnce(cpu, task), seconds);
            }
        }
        for (int i = 0; i < machine.cpus(); i++) {
            for (long lock : WrongUnlocks.of(machine).heldBy(i)) {
                add(holds, cpu, lock, seconds);
            }
        }
    }

    private static void add(Map<String, Double> to, Cpu cpu, long lock, double seconds) {
        if (lock == Cpu.NULL) {
            return;
        }
        try {
            to.merge(LockReport.classOf(cpu, lock), seconds, Double::sum);
        } catch (KernelOops gone) {
            // The lock was in memory that has been given back since.
            to.merge("other", seconds, Double::sum);
        }
    }

    /** Seconds of waiting, by class. Any thread. */
    public Map<String, Double> waits() {
        return new TreeMap<>(waits);
    }

    /** Seconds of holding, by class; spinlocks only. Any thread. */
    public Map<String, Double> holds() {
        return new TreeMap<>(holds);
    }
}

package kemu.kernel.task;

import java.util.ArrayList;
import java.util.List;
import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.kernel.context.Task;

/**
 * Command names of the tasks of one machine. A name is no emulated memory: a task holds its number, in
 * {@link Task#COMM}.
 */
public final class Comms {
    private final List<String> names = new ArrayList<>(List.of("idle"));

    Comms() {}

    /** The names on {@code machine}. */
    public static Comms of(Machine machine) {
        return KernelCore.of(machine).comms();
    }

    /** The names on the machine of {@code cpu}. */
    public static Comms of(Cpu cpu) {
        return of(Machine.of(cpu));
    }

    /** The number of {@code name}, which is registered if it is new. Any thread; not on kernel paths. */
    public synchronized int number(String name) {
        int known = names.indexOf(name);
        if (known >= 0) {
            return known;
        }
        names.add(name);
        return names.size() - 1;
    }

    /** The command name of {@code task}. */
    public String nameOf(Cpu cpu, @Ref(Task.class) long task) {
        // The load may suspend the fiber, which must not hold a monitor then.
        return name(Task.COMM.readOnce(cpu, task));
    }

    /** The name with {@code number}; a question mark if there is none. */
    public synchronized String name(int number) {
        return number >= 0 && number < names.size() ? names.get(number) : "?";
    }
}

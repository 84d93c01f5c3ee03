package kemu.mm.slab;

import java.util.HashMap;
import java.util.Map;
import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.EmuCpu;
import kemu.hw.machine.Area;
import kemu.hw.machine.EmuMachine;
import kemu.hw.shadow.CallStack;
import kemu.kernel.context.Task;
import kemu.kernel.task.Comms;

/** Who allocated and who freed each object or frame last, and where; kept only on request. */
final class ObjectHistory {
    private record Moment(String who, CallStack stack) {
        @Override
        public String toString() {
            return who + ":\n" + stack;
        }
    }

    private final EmuMachine machine;
    private final Map<Long, Moment> allocated = new HashMap<>();
    private final Map<Long, Moment> freed = new HashMap<>();
    private boolean enabled;

    ObjectHistory(EmuMachine machine) {
        this.machine = machine;
    }

    void enable(boolean value) {
        enabled = value;
        clear();
    }

    void clear() {
        if (!allocated.isEmpty() || !freed.isEmpty()) {
            allocated.clear();
            freed.clear();
        }
    }

    void allocated(EmuCpu cpu, long object) {
        if (enabled) {
            allocated.put(object, new Moment(who(cpu), CallStack.here()));
            freed.remove(object);
        }
    }

    void freed(EmuCpu cpu, long object) {
        if (enabled) {
            freed.put(object, new Moment(who(cpu), CallStack.here()));
        }
    }

    /** The task that {@code cpu} runs, as reports name it. */
    String who(EmuCpu cpu) {
        long task = cpu.peekAt(Area.CURRENT.of(cpu.area()), Long.BYTES);
        String name = task == Cpu.NULL ? "boot" : Comms.of(machine).name(cpu.peek32(Task.COMM.of(task)));
        return "task " + name + "/" + cpu.peek32(Area.CURRENT_PID.of(cpu.area())) + " on cpu " + cpu.id();
    }

    /** The history of {@code object}, called a {@code what}; empty if it is not kept or lies before the race. */
    String of(long object, String what) {
        String text = "";
        if (allocated.containsKey(object)) {
            text += "Allocated by " + allocated.get(object);
        } else if (enabled && what.equals("object")) {
            text += "Allocated before the race began.\n";
        }
        if (freed.containsKey(object)) {
            text += "Freed by " + freed.get(object);
        }
        return text;
    }
}

package kemu.kernel.task;

import java.util.function.BiConsumer;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.order.Order;

/** Machines for tests, and the end of a test when all of its tasks have ended. */
public final class Machines {
    private Machines() {}

    /** A small machine of {@code kind}: native, emu (sequentially consistent), or emu with the memory model named. */
    public static Machine of(String kind, int cpus, long seed) {
        return of(kind, MachineConfig.of(8 << 20, cpus).withSeed(seed));
    }

    /** A machine of {@code kind}: native, emu (sequentially consistent), or emu with the memory model named. */
    public static Machine of(String kind, MachineConfig config) {
        return switch (kind) {
            case "native" -> KernelCore.bootNative(config);
            case "emu" -> KernelCore.bootEmulated(config);
            default -> KernelCore.bootEmulated(config.withModel(MemoryModel.byName(kind)));
        };
    }

    /** Zeroed boot memory. */
    public static long memory(Machine machine, int sizeBytes) {
        return machine.bootAllocator().allocate(machine.bootCpu(), sizeBytes, 64, "test");
    }

    /**
     * Runs {@code count} tasks over all CPUs and halts when the last one has ended. The first task of each CPU starts
     * together with those of the others, so that they meet even where threads start slowly.
     */
    public static void runTasks(Machine machine, int count, BiConsumer<Cpu, Integer> body) {
        long left = memory(machine, 64);
        machine.bootCpu().write32(left, count);
        int together = Math.min(count, machine.cpus());
        for (int i = 0; i < count; i++) {
            int number = i;
            TaskBody task = cpu -> {
                if (number < together) {
                    cpu.fetchAdd32(left + 4, 1, Order.FULL);
                    cpu.condLoadEq32(left + 4, -1, together, Order.ACQUIRE);
                }
                body.accept(cpu, number);
                if (cpu.fetchAdd32(left, -1, Order.FULL) == 1) {
                    machine.halt();
                }
            };
            Sched.of(machine).spawn(machine.bootCpu(), task, i % machine.cpus(), "test" + i, 0);
        }
        machine.run();
    }

    /** Seeds for one kind of machine: many on emu, where a run is cheap and repeatable. */
    public static int seeds(String kind) {
        return kind.equals("native") ? 3 : 200;
    }

    /** Rounds per task: many on native, where a race needs luck. */
    public static int rounds(String kind) {
        return kind.equals("native") ? 4_000 : 12;
    }
}

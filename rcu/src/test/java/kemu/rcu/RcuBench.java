package kemu.rcu;

import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.mem.KernelBug;
import kemu.hw.order.Order;
import kemu.kernel.task.KernelCore;
import kemu.kernel.task.Sched;
import kemu.kernel.task.TaskBody;
import kemu.rcu.flavors.RcuFlavors;

/** A machine with RCU and some tasks; it halts when all tasks have ended. */
public final class RcuBench implements AutoCloseable {
    public final Machine machine;
    public final Rcu rcu;
    private final long left;

    /** A machine native, emu (sc) or of a memory model; after a {@code +} the name of the flavour. */
    public RcuBench(String kindAndFlavor, int cpus, long seed, RcuOptions given) {
        int plus = kindAndFlavor.indexOf('+');
        String kind = plus < 0 ? kindAndFlavor : kindAndFlavor.substring(0, plus);
        RcuOptions options = plus < 0 ? given : given.withFlavor(kindAndFlavor.substring(plus + 1));
        MachineConfig config = MachineConfig.of(16 << 20, cpus).withSeed(seed);
        machine = switch (kind) {
            case "native" -> KernelCore.bootNative(config);
            case "emu" -> KernelCore.bootEmulated(config);
            default -> KernelCore.bootEmulated(config.withModel(MemoryModel.byName(kind)));
        };
        rcu = RcuFlavors.boot(machine, options);
        left = allocate(8, "tasks left");
    }

    /** The same with a tree of small nodes. */
    public static RcuBench small(String kind, int cpus, long seed) {
        return new RcuBench(kind, cpus, seed, RcuOptions.defaults().withFanout(2, 2));
    }

    public Cpu boot() {
        return machine.bootCpu();
    }

    public long allocate(int sizeBytes, String name) {
        return machine.bootAllocator().allocate(boot(), sizeBytes, 64, name);
    }

    public void task(int cpu, String name, TaskBody body) {
        boot().fetchAdd32(left, 1, Order.FULL);
        Sched.of(machine)
                .spawn(
                        boot(),
                        c -> {
                            body.run(c);
                            if (c.fetchAdd32(left, -1, Order.FULL) == 1) {
                                machine.halt();
                            }
                        },
                        cpu % machine.cpus(),
                        name,
                        0);
    }

    public static void check(boolean good, String what) {
        if (!good) {
            throw new KernelBug("TEST: " + what);
        }
    }

    public void run() {
        machine.run();
    }

    @Override
    public void close() {
        machine.close();
    }
}

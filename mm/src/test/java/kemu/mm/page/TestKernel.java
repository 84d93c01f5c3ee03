package kemu.mm.page;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.hw.machine.MachineConfig;
import kemu.kernel.task.KernelCore;
import kemu.kernel.task.Sched;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;

/** Boots kernels for tests of pages and slabs. */
public final class TestKernel {
    private TestKernel() {}

    /** A kernel on a {@code native} or {@code emu} machine. */
    public static Kernel boot(String kind, long memoryBytes, int cpus, long seed) {
        MachineConfig config = MachineConfig.of(memoryBytes, cpus).withSeed(seed);
        Machine machine = kind.equals("native") ? KernelCore.bootNative(config) : KernelCore.bootEmulated(config);
        return new Kernel(machine, KernelConfig.of(0));
    }

    /** Pages in use, slab pages aside: what a test compares with what boot left in use. */
    static long pagesHeld(Kernel kernel) {
        return kernel.pages().audit().leakedPages(kernel.machine().bootCpu());
    }

    /** Spawns {@code body} on every CPU, runs the machine, and halts it when all bodies have ended. */
    public static void runOnAll(Kernel kernel, Body body) {
        Machine machine = kernel.machine();
        java.util.concurrent.atomic.AtomicInteger left = new java.util.concurrent.atomic.AtomicInteger(machine.cpus());
        for (int i = 0; i < machine.cpus(); i++) {
            int id = i;
            Sched.of(machine)
                    .spawn(
                            machine.bootCpu(),
                            cpu -> {
                                body.run(cpu, id);
                                if (left.decrementAndGet() == 0) {
                                    machine.halt();
                                }
                            },
                            i,
                            "test",
                            0);
        }
        machine.run();
    }

    /** What a test does on one CPU. */
    @FunctionalInterface
    public interface Body {
        /** Runs as a task pinned to {@code cpu}. */
        void run(Cpu cpu, int id);
    }
}

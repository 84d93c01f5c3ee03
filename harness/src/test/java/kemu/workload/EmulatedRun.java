package kemu.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.race.RaceDetector;
import kemu.kernel.context.Task;
import kemu.kernel.lockdep.LockDep;
import kemu.kernel.lockdep.RcuUsage;
import kemu.kernel.task.KernelCore;
import kemu.kernel.task.LockBalance;
import kemu.kernel.task.Sched;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.page.VmStatItem;

/**
 * A workload on emulated CPUs, until it ends.
 *
 * @param counts what its programs counted
 * @param steps of all CPUs together
 * @param values what it says of itself
 * @param vmStat the kernel's counters
 */
record EmulatedRun(Counts counts, long steps, TreeMap<String, Object> values, TreeMap<String, Long> vmStat) {
    private static final int TASKS = 96;

    /** Runs {@code workload}; a bug of the kernel, or a hang, is thrown. */
    static EmulatedRun of(
            long memoryBytes,
            int swapPages,
            long seed,
            UnaryOperator<KernelConfig> kernelAsked,
            BiFunction<Kernel, Counts, Workload> workload) {
        return of(
                new MachineConfig(memoryBytes, 2, seed, true, "ticket", TASKS),
                swapPages,
                kernelAsked,
                workload,
                on -> {});
    }

    /** The same on a machine of {@code model}, all of whose instruments watch and must find nothing. */
    static EmulatedRun watched(
            MemoryModel model,
            long memoryBytes,
            int swapPages,
            long seed,
            UnaryOperator<KernelConfig> kernelAsked,
            BiFunction<Kernel, Counts, Workload> workload) {
        MachineConfig config = new MachineConfig(memoryBytes, 2, seed, true, "ticket", TASKS).withModel(model);
        List<Supplier<List<?>>> found = new ArrayList<>();
        EmulatedRun run = of(config, swapPages, kernelAsked, workload, machine -> {
            RaceDetector races = machine.raceDetector(false, false);
            machine.attach(races);
            LockDep lockDep = new LockDep(machine);
            LockBalance balance = new LockBalance(machine);
            RcuUsage usage = new RcuUsage(machine, true);
            found.addAll(List.of(races::found, lockDep::found, balance::found, usage::found));
        });
        found.forEach(one -> assertEquals(List.of(), one.get(), model + ", seed " + seed));
        return run;
    }

    private static EmulatedRun of(
            MachineConfig config,
            int swapPages,
            UnaryOperator<KernelConfig> kernelAsked,
            BiFunction<Kernel, Counts, Workload> workload,
            Consumer<EmuMachine> instruments) {
        try (EmuMachine machine = KernelCore.bootEmulated(config)) {
            Kernel kernel = new Kernel(machine, kernelAsked.apply(KernelConfig.of(swapPages)));
            instruments.accept(machine);
            Counts counts = new Counts();
            Workload running = workload.apply(kernel, counts);
            Cpu boot = machine.bootCpu();
            kernel.start(boot);
            boolean[] ended = new boolean[1];
            Sched.of(machine)
                    .spawn(boot, cpu -> conduct(cpu, machine, running, ended), 0, "conductor", Task.PF_KTHREAD);
            machine.run();
            assertTrue(ended[0], "the workload did not end");
            TreeMap<String, Object> values = new TreeMap<>();
            running.describe(values::put);
            TreeMap<String, Long> vmStat = new TreeMap<>();
            for (VmStatItem item : VmStatItem.values()) {
                vmStat.put(item.key(), kernel.vmStat().sum(boot, item));
            }
            long steps = 0;
            for (int i = 0; i < machine.cpus(); i++) {
                steps = steps * 31 + machine.cpu(i).steps();
            }
            return new EmulatedRun(counts, steps, values, vmStat);
        }
    }

    private static void conduct(Cpu cpu, EmuMachine machine, Workload running, boolean[] ended) {
        // Ends with the workload, which is limited.
        while (running.round(cpu)) {
            Sched.of(machine).condResched(cpu);
        }
        ended[0] = true;
        machine.halt();
    }

    /** Nothing that a program read or was told was wrong. */
    EmulatedRun assertRight() {
        assertNull(counts.firstError());
        assertEquals(0, counts.stampErrors.sum() + counts.accessErrors.sum() + counts.syscallErrors.sum());
        return this;
    }

    /** The other run was the same, step for step. */
    void assertSame(EmulatedRun other) {
        assertEquals(steps, other.steps);
        assertEquals(values, other.values);
        assertEquals(vmStat, other.vmStat);
    }
}

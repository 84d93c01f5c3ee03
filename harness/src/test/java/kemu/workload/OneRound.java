package kemu.workload;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import kemu.hw.cpu.Cpu;
import kemu.kernel.task.Entry;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.report.RunReport;
import kemu.soak.Measured;
import kemu.soak.RunConfig;
import kemu.soak.RunSession;

/** A workload of one round, and the run that it is all of. */
abstract class OneRound implements Workload {
    /** What a run of {@code workload} reports, on two CPUs and so many bytes of memory and swap. */
    static RunReport run(
            long memoryBytes,
            long swapBytes,
            String lookup,
            String mlock,
            BiFunction<Kernel, Counts, Workload> workload)
            throws IOException {
        return run(
                memoryBytes,
                swapBytes,
                Map.of("vma-lookup", lookup, "mlock", mlock),
                UnaryOperator.identity(),
                workload);
    }

    /** The same with strategies by their option's name, on the kernel that {@code asked} makes of the usual one. */
    static RunReport run(
            long memoryBytes,
            long swapBytes,
            Map<String, String> strategies,
            UnaryOperator<KernelConfig> asked,
            BiFunction<Kernel, Counts, Workload> workload)
            throws IOException {
        RunConfig config = new RunConfig(
                "test",
                2,
                memoryBytes,
                swapBytes,
                1,
                strategies.getOrDefault("anon-vma", "root-recheck"),
                strategies.getOrDefault("vma-lookup", "mmap-sem"),
                strategies.getOrDefault("mlock", "with-barrier"),
                0,
                "off",
                0,
                "never",
                false,
                0,
                "ticket",
                true,
                "sched",
                false,
                0,
                Set.of(),
                Measured.LATENCIES,
                List.of(),
                null);
        return new RunSession(config, asked, new PrintStream(PrintStream.nullOutputStream())).run(workload);
    }

    /** The round. */
    abstract void once(Cpu cpu);

    /** Has a process with the number 1 do {@code body}, and waits for its end. */
    static void process(Cpu cpu, Kernel kernel, Syscalls syscalls, int comm, Consumer<Cpu> body) {
        AtomicBoolean ended = new AtomicBoolean();
        kernel.processes()
                .spawnInit(
                        cpu,
                        own -> {
                            Entry.exit(own);
                            body.accept(own);
                            syscalls.exit(own, 0);
                            ended.set(true);
                        },
                        comm,
                        1,
                        0);
        while (!ended.get()) {
            syscalls.sleep(cpu, 1);
        }
    }

    @Override
    public final boolean round(Cpu cpu) {
        once(cpu);
        return false;
    }

    @Override
    public final void stop() {}

    @Override
    public final double progress() {
        return -1;
    }
}

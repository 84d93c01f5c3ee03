package kemu.workload;

import java.util.List;
import java.util.function.BiFunction;
import kemu.mm.Kernel;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kemu run mlock-truncate}. */
final class MlockTruncateProvider implements WorkloadProvider {
    /** Rounds unless the run is limited otherwise. */
    private static final long ROUNDS = 3;

    @Mixin
    private final StormOptions size = new StormOptions();

    @Option(names = "--rounds", paramLabel = "N", description = "rounds of processes, of four phases each (default 3)")
    private Long rounds;

    @Override
    public String name() {
        return "mlock-truncate";
    }

    @Override
    public String description() {
        return "threads of some processes lock, truncate and copy files, audited at rest after each phase";
    }

    @Override
    public List<String> latencies() {
        return List.of(
                "mmap",
                "munmap",
                "mprotect",
                "mremap",
                "mlock",
                "munlock",
                "ftruncate",
                "fallocate",
                "fsync",
                "fork",
                "exit",
                "fault_zero",
                "fault_anon",
                "fault_speculative",
                "fault_cow",
                "fault_reuse",
                "fault_file_read",
                "fault_shared_write",
                "fault_cow_file");
    }

    @Override
    public void check(boolean timed) {
        size.check();
        WorkloadProvider.requireOneLimit("--rounds", rounds, 1_000_000_000L, timed);
    }

    @Override
    public BiFunction<Kernel, Counts, Workload> workload(boolean timed) {
        long many = rounds != null ? rounds : timed ? 0 : ROUNDS;
        return (kernel, counts) -> new MlockStorm(
                kernel, counts, new MlockStorm.Plan(size.processes(), size.threads(kernel), size.pages(), many));
    }
}

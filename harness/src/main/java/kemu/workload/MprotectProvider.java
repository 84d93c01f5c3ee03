package kemu.workload;

import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import kemu.mm.Kernel;
import kemu.option.UsageException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kemu run mprotect}. */
final class MprotectProvider implements WorkloadProvider {
    /** Rounds unless the run is limited otherwise. */
    private static final long ROUNDS = 5;

    private static final int MOST_PAGES = 16_384;

    static final Map<String, Integer> WEIGHTS = Map.ofEntries(
            Map.entry("stripe-write", 20),
            Map.entry("stripe-read", 8),
            Map.entry("stripe-protect", 20),
            Map.entry("access", 10),
            Map.entry("mprotect", 10),
            Map.entry("mmap", 2),
            Map.entry("munmap", 1),
            Map.entry("mremap", 1),
            Map.entry("fork", 1));

    @Mixin
    private final CrewOptions size = new CrewOptions();

    @Option(
            names = "--pages",
            paramLabel = "P",
            defaultValue = "256",
            description = "pages of each process's common memory, and of each thread's own (default 256)")
    private int pages;

    @Option(names = "--rounds", paramLabel = "N", description = "rounds of processes, of four phases each (default 5)")
    private Long rounds;

    @Override
    public String name() {
        return "mprotect";
    }

    @Override
    public String description() {
        return "threads protect pieces of memory that others of their process write, and fork";
    }

    @Override
    public List<String> latencies() {
        return List.of(
                "mmap",
                "munmap",
                "mprotect",
                "mremap",
                "fork",
                "exit",
                "fault_zero",
                "fault_anon",
                "fault_speculative",
                "fault_speculative_cow",
                "fault_cow",
                "fault_reuse");
    }

    @Override
    public void check(boolean timed) {
        size.check();
        UsageException.requireRange("--pages", pages, PhasedRounds.MOST, MOST_PAGES);
        WorkloadProvider.requireOneLimit("--rounds", rounds, 1_000_000_000L, timed);
    }

    @Override
    public BiFunction<Kernel, Counts, Workload> workload(boolean timed) {
        long many = rounds != null ? rounds : timed ? 0 : ROUNDS;
        return (kernel, counts) -> {
            int each = size.threads(
                    Math.min(PhasedRounds.MOST, 2 * kernel.machine().cpus()));
            PhasedRounds.Crew crew = new PhasedRounds.Crew(size.processes(), each, many * PhasedRounds.CALLS_OF_ROUND);
            StormLayout layout = new StormLayout(each, pages, 0, pages);
            return new OperationStorm(kernel, counts, new OperationStorm.Plan(name(), crew, layout, WEIGHTS));
        };
    }
}

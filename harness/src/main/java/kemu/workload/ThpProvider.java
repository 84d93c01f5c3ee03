package kemu.workload;

import java.util.List;
import java.util.function.BiFunction;
import kemu.mm.Kernel;
import kemu.mm.huge.HugePages;
import kemu.mm.khugepaged.Khugepaged;
import kemu.option.UsageException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kemu run thp}. */
final class ThpProvider implements WorkloadProvider {
    /** Rounds unless the run is limited otherwise. */
    private static final long ROUNDS = 3;

    @Mixin
    private final CrewOptions crew = new CrewOptions();

    @Option(
            names = "--ranges",
            paramLabel = "N",
            defaultValue = "2",
            description = "huge pages, of 2 MiB, of each thread (default: ${DEFAULT-VALUE})")
    private int ranges;

    @Option(names = "--rounds", paramLabel = "N", description = "rounds of processes, of four phases each (default 3)")
    private Long rounds;

    @Override
    public String name() {
        return "thp";
    }

    @Override
    public String description() {
        return "threads whose memory is mapped by huge pages write, unmap, protect, move and fork parts of it";
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
                "fault_huge",
                "fault_zero",
                "fault_anon",
                "fault_speculative",
                "fault_cow",
                "fault_reuse");
    }

    @Override
    public String thp() {
        return HugePages.ALWAYS;
    }

    @Override
    public boolean needsHugePages() {
        return true;
    }

    @Override
    public int khugepaged() {
        return Khugepaged.PAGES_TO_SCAN;
    }

    @Override
    public void check(boolean timed) {
        crew.check();
        UsageException.requireRange("--ranges", ranges, 1, ThpStorm.MOST_RANGES);
        WorkloadProvider.requireOneLimit("--rounds", rounds, 1_000_000_000L, timed);
    }

    @Override
    public BiFunction<Kernel, Counts, Workload> workload(boolean timed) {
        long many = rounds != null ? rounds : timed ? 0 : ROUNDS;
        return (kernel, counts) -> new ThpStorm(
                kernel,
                counts,
                new ThpStorm.Plan(
                        crew.processes(), crew.threads(kernel.machine().cpus()), ranges, many));
    }
}

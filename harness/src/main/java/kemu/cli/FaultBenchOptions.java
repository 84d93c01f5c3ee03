package kemu.cli;

import java.util.List;
import kemu.bench.FaultBench;
import kemu.hw.machine.MachineConfig;
import kemu.option.Sizes;
import kemu.option.UsageException;
import picocli.CommandLine.Option;

/** Options of {@code bench pagefault} alone. */
final class FaultBenchOptions {
    private static final long LEAST_MILLIS = 100;
    private static final long MOST_MILLIS = 3_600_000;

    @Option(names = "--cpus", paramLabel = "N", split = ",", description = "pagefault: CPUs (default 1,2,4,8)")
    private List<Integer> cpus;

    @Option(
            names = "--duration",
            paramLabel = "T",
            converter = Sizes.Millis.class,
            description = "pagefault: length of each run (default 5s)")
    private Long duration;

    @Option(names = "--repeat", paramLabel = "N", description = "pagefault, aim7: runs of each cell (default 3)")
    private Integer repeat;

    @Option(names = "--shape", paramLabel = "SHAPE", description = "pagefault: as of run pagefault (default anon)")
    private String shape;

    @Option(
            names = "--vma-lookup",
            paramLabel = "NAME",
            split = ",",
            description = "pagefault: lookups, the first is compared with (default: all not known to be wrong)")
    private List<String> lookups;

    /** The first option that was given, or null. */
    String given() {
        if (cpus != null) {
            return "--cpus";
        }
        if (duration != null) {
            return "--duration";
        }
        if (shape != null) {
            return "--shape";
        }
        return lookups != null ? "--vma-lookup" : null;
    }

    /** Runs of each cell, which is an option of {@code bench aim7} as well; null if it was not given. */
    Integer repeat() {
        return repeat;
    }

    /** What they ask for; with {@code quick}, moments where they say nothing. */
    FaultBench.Plan plan(boolean quick) {
        if (quick && (duration != null || repeat != null)) {
            throw new UsageException((duration != null ? "--duration" : "--repeat") + ": not with --quick");
        }
        FaultBench.Plan plan = new FaultBench.Plan(
                lookups != null ? lookups : FaultBench.soundLookups(),
                cpus != null ? cpus : quick ? List.of(1, 2) : List.of(1, 2, 4, 8),
                duration != null ? duration : 5_000,
                repeat != null ? repeat : quick ? 1 : 3,
                shape != null ? shape : "anon");
        plan.cpus().forEach(one -> UsageException.requireRange("--cpus", one, 1, MachineConfig.MAX_CPUS));
        plan.lookups().forEach(one -> UsageException.requireOneOf("--vma-lookup", one, FaultBench.soundLookups()));
        UsageException.requireRange("--duration", plan.millis(), LEAST_MILLIS, MOST_MILLIS);
        UsageException.requireRange("--repeat", plan.repeat(), 1, 1_000);
        UsageException.requireOneOf("--shape", plan.shape(), List.of("anon", "private", "shared"));
        return plan;
    }
}

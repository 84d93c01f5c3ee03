package kemu.workload;

import java.util.List;
import java.util.function.BiFunction;
import kemu.mm.Kernel;
import kemu.mm.ksm.rules.KsmRuleSets;
import kemu.option.UsageException;
import picocli.CommandLine.Option;

/** {@code kemu run ksm}. */
final class KsmStormProvider implements WorkloadProvider {
    /** Rounds unless the run is limited otherwise. */
    private static final long ROUNDS = 3;

    private static final int MOST_SCANNED = 1_000_000;
    private static final long MOST_ROUNDS = 1_000_000_000L;

    @Option(names = "--jobs", paramLabel = "J", description = "processes at a time (default: two for each CPU)")
    private Integer jobs;

    @Option(names = "--pages", paramLabel = "P", defaultValue = "128", description = "pages of each process")
    private int pages;

    @Option(
            names = "--kinds",
            paramLabel = "K",
            defaultValue = "16",
            description = "different contents of pages (default: ${DEFAULT-VALUE})")
    private int kinds;

    @Option(
            names = "--scan",
            paramLabel = "N",
            defaultValue = "500",
            description = "pages that ksmd looks at in each tick (default: ${DEFAULT-VALUE})")
    private int scan;

    @Option(
            names = "--merging",
            paramLabel = "NAME",
            defaultValue = KsmRuleSets.CURRENT,
            description =
                    "rules of merging: those of ${DEFAULT-VALUE}, or those with one broken that scenarios convict")
    private String merging;

    @Option(names = "--rounds", paramLabel = "N", description = "processes one after the other (default 3 each)")
    private Long rounds;

    @Override
    public String name() {
        return "ksm";
    }

    @Override
    public String description() {
        return "processes with many equal pages, merged while they write, fork, move and exit";
    }

    @Override
    public List<String> latencies() {
        return List.of("mmap", "mremap", "fork", "exit", "fault_zero", "fault_anon", "fault_cow", "fault_reuse");
    }

    @Override
    public String ksm() {
        return merging;
    }

    @Override
    public void check(boolean timed) {
        if (jobs != null) {
            UsageException.requireRange("--jobs", jobs, 1, KsmStorm.MOST_PROCESSES);
        }
        UsageException.requireRange("--pages", pages, 1, KsmStorm.MOST_PAGES);
        UsageException.requireRange("--kinds", kinds, 1, KsmStorm.MOST_KINDS);
        UsageException.requireRange("--scan", scan, 1, MOST_SCANNED);
        UsageException.requireOneOf("--merging", merging, List.of(KsmRuleSets.names()));
        WorkloadProvider.requireOneLimit("--rounds", rounds, MOST_ROUNDS, timed);
    }

    @Override
    public BiFunction<Kernel, Counts, Workload> workload(boolean timed) {
        long each = rounds != null ? rounds : timed ? 0 : ROUNDS;
        return (kernel, counts) -> {
            int many = jobs != null ? jobs : 2 * kernel.machine().cpus();
            return new KsmStorm(kernel, counts, new KsmStorm.Plan(many, pages, kinds, scan, each));
        };
    }
}

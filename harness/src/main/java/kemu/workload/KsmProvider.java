package kemu.workload;

import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import kemu.mm.Kernel;
import kemu.mm.ksm.rules.KsmRuleSets;
import kemu.mm.page.VmStatItem;
import kemu.option.UsageException;
import picocli.CommandLine.Option;

/** {@code kemu run ksm}. */
final class KsmProvider implements WorkloadProvider {
    /** Rounds unless the run is limited otherwise. */
    private static final long ROUNDS = 1;

    /** Different contents at most. */
    private static final int MOST_KINDS = 1_000_000;

    private static final int MOST_SCANNED = 1_000_000;
    private static final long MOST_ROUNDS = 1_000_000_000L;
    /** Of what the threads of a process have in common. */
    private static final int COMMON_PAGES = 2;

    static final Map<String, Integer> WEIGHTS = Map.of(
            "access", 12,
            "sweep", 6,
            "madvise", 4,
            "mremap", 4,
            "merge", 4,
            "fork", 4,
            "rest", 12);

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

    @Option(names = "--rounds", paramLabel = "N", description = "rounds of processes, of four phases each (default 1)")
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
        return List.of(
                "mmap",
                "mprotect",
                "mremap",
                "fork",
                "exit",
                "fault_zero",
                "fault_anon",
                "fault_speculative",
                "fault_speculative_cow",
                "fault_speculative_swapin",
                "fault_cow",
                "fault_reuse");
    }

    @Override
    public String ksm() {
        return merging;
    }

    @Override
    public void check(boolean timed) {
        if (jobs != null) {
            UsageException.requireRange("--jobs", jobs, 1, PhasedRounds.MOST);
        }
        UsageException.requireRange("--pages", pages, 1, StormLayout.MOST_PAGES);
        UsageException.requireRange("--kinds", kinds, 1, MOST_KINDS);
        UsageException.requireRange("--scan", scan, 1, MOST_SCANNED);
        UsageException.requireOneOf("--merging", merging, List.of(KsmRuleSets.names()));
        WorkloadProvider.requireOneLimit("--rounds", rounds, MOST_ROUNDS, timed);
    }

    @Override
    public BiFunction<Kernel, Counts, Workload> workload(boolean timed) {
        long each = rounds != null ? rounds : timed ? 0 : ROUNDS;
        return (kernel, counts) -> {
            kernel.ksm().tune(kernel.machine().bootCpu(), scan, 1);
            int many = jobs != null
                    ? jobs
                    : Math.min(PhasedRounds.MOST, 2 * kernel.machine().cpus());
            PhasedRounds.Crew crew = new PhasedRounds.Crew(many, 1, each * PhasedRounds.CALLS_OF_ROUND);
            StormLayout layout = new StormLayout(1, pages, 0, COMMON_PAGES, new Contents(kinds, 1));
            return new OperationStorm(
                    kernel,
                    counts,
                    new OperationStorm.Plan(name(), crew, layout, WEIGHTS, List.of(VmStatItem.KSM_PAGES_MERGED)));
        };
    }
}

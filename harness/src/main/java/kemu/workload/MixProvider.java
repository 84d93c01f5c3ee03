package kemu.workload;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import kemu.mm.Kernel;
import kemu.mm.huge.HugePages;
import kemu.mm.khugepaged.Khugepaged;
import kemu.mm.ksm.rules.KsmRuleSets;
import kemu.option.UsageException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kemu run mix}. */
final class MixProvider implements WorkloadProvider {
    /** Operations of each thread unless the run is limited otherwise. */
    private static final long STEPS = 3 * PhasedRounds.CALLS_OF_ROUND;

    private static final int MOST_WEIGHT = 1_000;

    @Mixin
    private final StormOptions size = new StormOptions();

    @Option(names = "--steps", paramLabel = "N", description = "operations of each thread in all (default 3000)")
    private Long steps;

    @Option(
            names = "--weights",
            paramLabel = "NAME=N",
            split = ",",
            description = "how often operations are drawn, 0 for never; others as usual (a wrong name lists all)")
    private Map<String, Integer> weights = new LinkedHashMap<>();

    @Override
    public String name() {
        return "mix";
    }

    @Override
    public String description() {
        return "threads of some processes do what is drawn among all system calls, audited at rest after each phase";
    }

    @Override
    public List<String> latencies() {
        return List.of(
                "mmap",
                "munmap",
                "mprotect",
                "mremap",
                "brk",
                "mlock",
                "munlock",
                "ftruncate",
                "fallocate",
                "fsync",
                "move_pages",
                "uffd_move",
                "memory_failure",
                "fork",
                "exec",
                "exit",
                "fault_huge",
                "fault_zero",
                "fault_anon",
                "fault_speculative",
                "fault_speculative_cow",
                "fault_speculative_swapin",
                "fault_cow",
                "fault_reuse",
                "fault_file_read",
                "fault_shared_write",
                "fault_cow_file");
    }

    @Override
    public String ksm() {
        return Operations.weights(weights).get("merge") == 0 ? KsmRuleSets.OFF : KsmRuleSets.CURRENT;
    }

    @Override
    public String thp() {
        return HugePages.ALWAYS;
    }

    @Override
    public int khugepaged() {
        return Khugepaged.PAGES_TO_SCAN;
    }

    @Override
    public boolean mergesAny() {
        return true;
    }

    @Override
    public void check(boolean timed) {
        size.check();
        weights.forEach((name, weight) -> {
            UsageException.requireOneOf("--weights", name, Operations.names());
            UsageException.requireRange("--weights", weight, 0, MOST_WEIGHT);
        });
        if (Operations.weights(weights).values().stream().allMatch(weight -> weight == 0)) {
            throw new UsageException("--weights: all are 0 (allowed: at least one above 0)");
        }
        WorkloadProvider.requireOneLimit("--steps", steps, 1_000_000_000_000L, timed);
    }

    @Override
    public BiFunction<Kernel, Counts, Workload> workload(boolean timed) {
        long calls = steps != null ? steps : timed ? 0 : STEPS;
        return (kernel, counts) -> {
            PhasedRounds.Crew crew = size.crew(kernel, calls);
            return new OperationStorm(
                    kernel,
                    counts,
                    new OperationStorm.Plan(name(), crew, size.layout(kernel, crew), Operations.weights(weights)));
        };
    }
}

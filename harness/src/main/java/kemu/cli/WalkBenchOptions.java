package kemu.cli;

import java.util.List;
import kemu.bench.WalkBench;
import kemu.option.UsageException;
import picocli.CommandLine.Option;

/** Options of {@code bench aim7} alone. */
final class WalkBenchOptions {
    private static final int MOST_CHILDREN = 1_000;

    @Option(
            names = "--children",
            paramLabel = "N",
            split = ",",
            description = "aim7: children of one parent (default 10,100,1000)")
    private List<Integer> children;

    @Option(
            names = "--anon-vma",
            paramLabel = "NAME",
            split = ",",
            description = "aim7: strategies (default: all not known to be wrong)")
    private List<String> strategies;

    /** The first option that was given, or null. */
    String given() {
        if (children != null) {
            return "--children";
        }
        return strategies != null ? "--anon-vma" : null;
    }

    /** What they ask for; {@code repeat} runs of each cell, if that is not null. */
    WalkBench.Plan plan(Integer repeat, boolean quick) {
        if (quick && repeat != null) {
            throw new UsageException("--repeat: not with --quick");
        }
        WalkBench.Plan plan = new WalkBench.Plan(
                strategies != null ? strategies : WalkBench.soundStrategies(),
                children != null ? children : quick ? List.of(8) : List.of(10, 100, 1_000),
                repeat != null ? repeat : quick ? 1 : 3);
        plan.children().forEach(one -> UsageException.requireRange("--children", one, 1, MOST_CHILDREN));
        plan.strategies().forEach(one -> UsageException.requireOneOf("--anon-vma", one, WalkBench.soundStrategies()));
        UsageException.requireRange("--repeat", plan.repeat(), 1, 1_000);
        return plan;
    }
}

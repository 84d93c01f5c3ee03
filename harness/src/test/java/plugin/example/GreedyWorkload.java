package plugin.example;

import java.util.List;
import java.util.function.BiFunction;
import kemu.mm.Kernel;
import kemu.workload.Counts;
import kemu.workload.Workload;
import kemu.workload.WorkloadProvider;
import picocli.CommandLine.Option;

/** A workload with an option that is everybody's. */
public final class GreedyWorkload implements WorkloadProvider {
    @Option(names = "--seed", description = "its own")
    private long seed;

    @Override
    public String name() {
        return "greedy";
    }

    @Override
    public String description() {
        return "seed " + seed;
    }

    @Override
    public List<String> latencies() {
        return List.of();
    }

    @Override
    public void check(boolean timed) {}

    @Override
    public BiFunction<Kernel, Counts, Workload> workload(boolean timed) {
        throw new UnsupportedOperationException();
    }
}

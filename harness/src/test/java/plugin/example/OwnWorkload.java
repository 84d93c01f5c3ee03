package plugin.example;

import java.util.List;
import java.util.function.BiFunction;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;
import kemu.option.UsageException;
import kemu.workload.Counts;
import kemu.workload.Workload;
import kemu.workload.WorkloadProvider;
import picocli.CommandLine.Option;

/** A workload that lets the kernel idle for a few rounds, and fails in the one that it is told to. */
public final class OwnWorkload implements WorkloadProvider {
    @Option(names = "--idle-rounds", paramLabel = "N", defaultValue = "3", description = "rounds")
    private int rounds;

    @Option(names = "--fail-in", paramLabel = "N", defaultValue = "0", description = "round that fails")
    private int failing;

    @Override
    public String name() {
        return "own-workload";
    }

    @Override
    public String description() {
        return "does nothing";
    }

    @Override
    public List<String> latencies() {
        return List.of();
    }

    @Override
    public void check(boolean timed) {
        UsageException.requireRange("--idle-rounds", rounds, 1, 100);
        if (failing == 100) {
            throw new IllegalStateException("no options today");
        }
    }

    @Override
    public BiFunction<Kernel, Counts, Workload> workload(boolean timed) {
        return (kernel, counts) -> new Workload() {
            private int round;

            @Override
            public boolean round(Cpu cpu) {
                if (++round == failing) {
                    throw new UnsupportedOperationException("round " + round);
                }
                return round < rounds;
            }

            @Override
            public void stop() {}

            @Override
            public double progress() {
                return -1;
            }
        };
    }
}

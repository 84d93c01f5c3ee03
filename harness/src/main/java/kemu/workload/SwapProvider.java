package kemu.workload;

import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import kemu.mm.Kernel;
import kemu.option.UsageException;
import picocli.CommandLine.Option;

/** {@code kemu run swap}. */
final class SwapProvider implements WorkloadProvider {
    /** Rounds unless the run is limited otherwise. */
    private static final long ROUNDS = 2;

    private static final int MOST_TIMES = 16;
    /** Of the swap area and memory together, what the processes themselves may fill; children need some, too. */
    private static final int PERCENT = 70;

    static final Map<String, Integer> WEIGHTS = Map.ofEntries(
            Map.entry("access", 20),
            Map.entry("sweep", 8),
            Map.entry("madvise", 2),
            Map.entry("mremap", 2),
            Map.entry("fork", 2),
            Map.entry("family", 1),
            Map.entry("exec", 1),
            Map.entry("common-access", 4),
            Map.entry("common-change", 1),
            Map.entry("reclaim", 2));

    @Option(
            names = "--processes",
            paramLabel = "P",
            defaultValue = "4",
            description = "processes at a time (default 4)")
    private int processes;

    @Option(
            names = "--times",
            paramLabel = "N",
            defaultValue = "2",
            description = "what they use in all, as a multiple of memory (default 2; less where swap is too small)")
    private int times;

    @Option(names = "--rounds", paramLabel = "N", description = "rounds of processes, of four phases each (default 2)")
    private Long rounds;

    @Override
    public String name() {
        return "swap";
    }

    @Override
    public String description() {
        return "processes use a multiple of memory, fork while much of it is swapped, and reclaim each other's pages";
    }

    @Override
    public List<String> latencies() {
        return List.of(
                "mmap",
                "munmap",
                "mprotect",
                "mremap",
                "brk",
                "fork",
                "exec",
                "exit",
                "fault_zero",
                "fault_anon",
                "fault_speculative",
                "fault_speculative_cow",
                "fault_speculative_swapin",
                "fault_file_read",
                "fault_cow_file",
                "fault_cow",
                "fault_reuse");
    }

    @Override
    public void check(boolean timed) {
        UsageException.requireRange("--processes", processes, 1, PhasedRounds.MOST);
        UsageException.requireRange("--times", times, 1, MOST_TIMES);
        WorkloadProvider.requireOneLimit("--rounds", rounds, 1_000_000_000L, timed);
    }

    @Override
    public BiFunction<Kernel, Counts, Workload> workload(boolean timed) {
        long many = rounds != null ? rounds : timed ? 0 : ROUNDS;
        return (kernel, counts) -> {
            long total = kernel.pages().totalPages();
            long most = (total + kernel.config().swapPages()) * PERCENT / 100;
            long each = Math.max(1, Math.min(total * times, most) / processes);
            PhasedRounds.Crew crew = new PhasedRounds.Crew(processes, 1, many * PhasedRounds.CALLS_OF_ROUND);
            StormLayout layout = new StormLayout(1, (int) each, 0, 64);
            return new OperationStorm(kernel, counts, new OperationStorm.Plan(name(), crew, layout, WEIGHTS));
        };
    }
}

package kemu.workload;

import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.ksm.rules.KsmRuleSets;
import kemu.mm.page.VmStatItem;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kemu run migrate}. */
final class MigrateProvider implements WorkloadProvider {
    /** Rounds unless the run is limited otherwise. */
    private static final long ROUNDS = 1;

    /** Ticks between two passes of kcompactd, unless the run is told otherwise. */
    private static final long COMPACT_JIFFIES = 5;

    static final Map<String, Integer> WEIGHTS = Map.ofEntries(
            Map.entry("access", 20),
            Map.entry("sweep", 4),
            Map.entry("munmap", 2),
            Map.entry("mmap", 2),
            Map.entry("mprotect", 2),
            Map.entry("madvise", 2),
            Map.entry("mremap", 4),
            Map.entry("uffd-move", 6),
            Map.entry("move-pages", 12),
            Map.entry("compact", 2),
            Map.entry("merge", 3),
            Map.entry("mlock", 3),
            Map.entry("munlock", 3),
            Map.entry("file-write", 4),
            Map.entry("file-copy", 3),
            Map.entry("file-read", 2),
            Map.entry("ftruncate", 2),
            Map.entry("common-access", 3),
            Map.entry("common-change", 2),
            Map.entry("fork", 3),
            Map.entry("family", 1),
            Map.entry("exec", 1),
            Map.entry("reclaim", 1));

    @Mixin
    private final StormOptions size = new StormOptions();

    @Option(names = "--rounds", paramLabel = "N", description = "rounds of processes, of four phases each (default 1)")
    private Long rounds;

    @Override
    public String name() {
        return "migrate";
    }

    @Override
    public String description() {
        return "pages are moved to other frames all the time while their processes write, fork, move, lock and exit";
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
                "move_pages",
                "uffd_move",
                "fork",
                "exec",
                "exit",
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
        return KsmRuleSets.CURRENT;
    }

    @Override
    public boolean mergesAny() {
        return true;
    }

    @Override
    public KernelConfig kernel(KernelConfig usual) {
        return usual.compactJiffies() == 0 ? usual.withCompactJiffies(COMPACT_JIFFIES) : usual;
    }

    @Override
    public void check(boolean timed) {
        size.check();
        WorkloadProvider.requireOneLimit("--rounds", rounds, 1_000_000_000L, timed);
    }

    @Override
    public BiFunction<Kernel, Counts, Workload> workload(boolean timed) {
        long many = rounds != null ? rounds : timed ? 0 : ROUNDS;
        return (kernel, counts) -> {
            PhasedRounds.Crew crew = size.crew(kernel, many * PhasedRounds.CALLS_OF_ROUND);
            return new OperationStorm(
                    kernel,
                    counts,
                    new OperationStorm.Plan(
                            name(), crew, size.layout(kernel, crew), WEIGHTS, List.of(VmStatItem.PGMIGRATE_SUCCESS)));
        };
    }
}

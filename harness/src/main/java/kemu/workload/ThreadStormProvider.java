package kemu.workload;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import kemu.mm.Kernel;
import kemu.option.UsageException;
import picocli.CommandLine.Option;

/** {@code kemu run threads}. */
final class ThreadStormProvider implements WorkloadProvider {
    /** Processes unless the run is limited otherwise. */
    private static final long ROUNDS = 20;

    @Option(names = "--threads", paramLabel = "T", description = "threads of a process (default: two for each CPU)")
    private Integer threads;

    @Option(
            names = "--mix",
            paramLabel = "CALL",
            split = ",",
            defaultValue = "mmap,munmap,mprotect,madvise,mremap,fork",
            description = "what they do beside faults (default: ${DEFAULT-VALUE})")
    private List<String> mix;

    @Option(
            names = "--pages",
            paramLabel = "P",
            defaultValue = "64",
            description = "pages of each thread's own range, and of the common one")
    private int pages;

    @Option(names = "--rounds", paramLabel = "N", description = "processes one after the other (default 20)")
    private Long rounds;

    @Override
    public String name() {
        return "threads";
    }

    @Override
    public String description() {
        return "threads of one address space fault, map, unmap, protect, move and fork";
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
                "fault_zero",
                "fault_anon",
                "fault_speculative",
                "fault_speculative_cow",
                "fault_speculative_swapin",
                "fault_cow",
                "fault_reuse",
                "fault_file_read",
                "fault_cow_file");
    }

    private static List<String> calls() {
        return Arrays.stream(ThreadStorm.Call.values())
                .map(one -> one.name().toLowerCase(Locale.ROOT))
                .toList();
    }

    @Override
    public void check(boolean timed) {
        if (threads != null) {
            UsageException.requireRange("--threads", threads, 1, ThreadStorm.MOST_THREADS);
        }
        for (String call : mix) {
            UsageException.requireOneOf("--mix", call, calls());
        }
        UsageException.requireRange("--pages", pages, 1, ThreadStorm.MOST_PAGES);
        WorkloadProvider.requireOneLimit("--rounds", rounds, 1_000_000_000L, timed);
    }

    @Override
    public BiFunction<Kernel, Counts, Workload> workload(boolean timed) {
        List<ThreadStorm.Call> calls = mix.stream()
                .map(one -> ThreadStorm.Call.valueOf(one.toUpperCase(Locale.ROOT)))
                .toList();
        long each = rounds != null ? rounds : timed ? 0 : ROUNDS;
        return (kernel, counts) -> {
            int many = threads != null ? threads : 2 * kernel.machine().cpus();
            return new ThreadStorm(kernel, counts, new ThreadStorm.Plan(many, calls, pages, each));
        };
    }
}

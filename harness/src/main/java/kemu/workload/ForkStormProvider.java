package kemu.workload;

import java.util.List;
import java.util.function.BiFunction;
import kemu.mm.Kernel;
import kemu.option.UsageException;
import picocli.CommandLine.Option;

/** {@code kemu run forkstorm}. */
final class ForkStormProvider implements WorkloadProvider {
    /** Children unless the run is limited otherwise. */
    private static final long CHILDREN = 10_000;

    @Option(names = "--jobs", paramLabel = "J", defaultValue = "1", description = "parents at once")
    private int jobs;

    @Option(names = "--processes", paramLabel = "N", description = "children in all (default 10000)")
    private Long processes;

    @Option(names = "--vmas", paramLabel = "V", defaultValue = "16", description = "mappings of the parent")
    private int vmas;

    @Option(names = "--pages", paramLabel = "P", defaultValue = "16", description = "pages per mapping")
    private int pages;

    @Option(names = "--touch", paramLabel = "T", defaultValue = "4", description = "pages a child writes per mapping")
    private int touch;

    @Override
    public String name() {
        return "forkstorm";
    }

    @Override
    public String description() {
        return "a parent of a given shape forks children that write and exit";
    }

    @Override
    public List<String> latencies() {
        return List.of("mmap", "fork", "exit", "fault_anon", "fault_cow", "fault_reuse");
    }

    @Override
    public void check(boolean timed) {
        UsageException.requireRange("--jobs", jobs, 1, 256);
        UsageException.requireRange("--vmas", vmas, 1, 10_000);
        UsageException.requireRange("--pages", pages, 1, 100_000);
        UsageException.requireRange("--touch", touch, 0, pages);
        if (ForkStorm.pagesMapped(vmas, pages) > ForkStorm.MOST_PAGES) {
            throw new UsageException("--vmas, --pages: " + vmas + " mappings of " + pages + " pages (allowed: at most "
                    + ForkStorm.MOST_PAGES + " pages in all, what an address space holds)");
        }
        WorkloadProvider.requireOneLimit("--processes", processes, 1_000_000_000_000L, timed);
    }

    @Override
    public BiFunction<Kernel, Counts, Workload> workload(boolean timed) {
        ForkStorm.Shape shape = new ForkStorm.Shape(vmas, pages, touch, jobs);
        long children = processes != null ? processes : timed ? 0 : CHILDREN;
        return (kernel, counts) -> new ForkStorm(kernel, counts, shape, children);
    }
}

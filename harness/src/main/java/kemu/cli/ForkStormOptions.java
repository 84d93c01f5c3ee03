package kemu.cli;

import java.util.function.Function;
import kemu.mm.Kernel;
import kemu.soak.RunSession;
import kemu.workload.ForkStorm;
import kemu.workload.Workload;
import picocli.CommandLine.Option;

/** Options of {@code kemu run forkstorm}. */
final class ForkStormOptions implements WorkloadOptions {
    /** Children unless the run is limited otherwise. */
    private static final long CHILDREN = 10_000;

    @Option(names = "--jobs", paramLabel = "J", defaultValue = "1", description = "forkstorm: parents at once")
    private int jobs;

    @Option(names = "--processes", paramLabel = "N", description = "forkstorm: children in all (default 10000)")
    private Long processes;

    @Option(names = "--vmas", paramLabel = "V", defaultValue = "16", description = "forkstorm: mappings of the parent")
    private int vmas;

    @Option(names = "--pages", paramLabel = "P", defaultValue = "16", description = "forkstorm: pages per mapping")
    private int pages;

    @Option(
            names = "--touch",
            paramLabel = "T",
            defaultValue = "4",
            description = "forkstorm: pages a child writes per mapping")
    private int touch;

    @Override
    public void check(boolean timed) {
        WorkloadOptions.range("--jobs", jobs, 1, 256);
        WorkloadOptions.range("--vmas", vmas, 1, 10_000);
        WorkloadOptions.range("--pages", pages, 1, 100_000);
        WorkloadOptions.range("--touch", touch, 0, pages);
        if (ForkStorm.pagesMapped(vmas, pages) > ForkStorm.MOST_PAGES) {
            throw new UsageException("--vmas, --pages: " + vmas + " mappings of " + pages + " pages (allowed: at most "
                    + ForkStorm.MOST_PAGES + " pages in all, what an address space holds)");
        }
        WorkloadOptions.requireOneLimit("--processes", processes, timed);
        if (processes != null) {
            WorkloadOptions.range("--processes", processes, 1, 1_000_000_000_000L);
        }
    }

    @Override
    public Function<Kernel, Workload> workload(RunSession session, boolean timed) {
        ForkStorm.Shape shape = new ForkStorm.Shape(vmas, pages, touch, jobs);
        long children = processes != null ? processes : timed ? 0 : CHILDREN;
        return kernel -> new ForkStorm(kernel, session.counts(), shape, children);
    }
}

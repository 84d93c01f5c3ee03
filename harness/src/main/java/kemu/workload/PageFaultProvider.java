package kemu.workload;

import java.util.List;
import java.util.function.BiFunction;
import kemu.mm.Kernel;
import kemu.option.UsageException;
import picocli.CommandLine.Option;

/** {@code kemu run pagefault}. */
final class PageFaultProvider implements WorkloadProvider {
    /** Mappings of each task unless the run is limited otherwise. */
    private static final long ROUNDS = 20;

    private static final List<String> SHAPES = List.of("1", "2", "3", "anon", "private", "shared");
    private static final String THREADS = "threads";

    @Option(
            names = "--shape",
            paramLabel = "SHAPE",
            defaultValue = "anon",
            description = "1 or anon, 2 or private, 3 or shared: memory, or a file mapped so")
    private String shape;

    @Option(
            names = "--mode",
            paramLabel = "processes|threads",
            defaultValue = THREADS,
            description = "tasks have an address space each, or one in common")
    private String mode;

    @Option(names = "--jobs", paramLabel = "J", description = "tasks (default: one for each CPU)")
    private Integer jobs;

    @Option(
            names = "--pages",
            paramLabel = "P",
            description = "pages per mapping (default: a quarter of memory in all, but at most 128m each)")
    private Integer pages;

    @Option(names = "--rounds", paramLabel = "N", description = "mappings of each task (default 20)")
    private Long rounds;

    @Override
    public String name() {
        return "pagefault";
    }

    @Override
    public String description() {
        return "tasks map memory or a file, write to every page and unmap it (will-it-scale page_fault1..3)";
    }

    @Override
    public List<String> latencies() {
        return List.of(
                "mmap",
                "munmap",
                "fork",
                "exit",
                "fault_anon",
                "fault_speculative",
                "fault_speculative_cow",
                "fault_speculative_swapin",
                "fault_cow_file",
                "fault_shared_write",
                "fault_reuse",
                "fault_cow");
    }

    @Override
    public void check(boolean timed) {
        UsageException.requireOneOf("--shape", shape, SHAPES);
        UsageException.requireOneOf("--mode", mode, List.of("processes", THREADS));
        if (jobs != null) {
            UsageException.requireRange("--jobs", jobs, 1, PageFaultStorm.MOST_TASKS);
        }
        if (pages != null) {
            UsageException.requireRange("--pages", pages, 1, 8L * PageFaultStorm.MOST_PAGES);
            if (isShared()) {
                // Each page takes a block of the disk.
                int tasks = jobs != null ? jobs : 1;
                UsageException.requireRange("--pages", pages, 1, PageFaultStorm.mostShared(tasks));
            }
        }
        WorkloadProvider.requireOneLimit("--rounds", rounds, 1_000_000_000L, timed);
    }

    private boolean isShared() {
        return SHAPES.indexOf(shape) % PageFaultStorm.Shape.values().length == PageFaultStorm.Shape.SHARED.ordinal();
    }

    @Override
    public BiFunction<Kernel, Counts, Workload> workload(boolean timed) {
        int index = SHAPES.indexOf(shape) % PageFaultStorm.Shape.values().length;
        long each = rounds != null ? rounds : timed ? 0 : ROUNDS;
        return (kernel, counts) -> {
            int tasks = jobs != null ? jobs : kernel.machine().cpus();
            // How many CPUs there are is not known where options are checked.
            int most = isShared() ? PageFaultStorm.mostShared(tasks) : Integer.MAX_VALUE;
            PageFaultStorm.Plan plan = new PageFaultStorm.Plan(
                    PageFaultStorm.Shape.values()[index],
                    mode.equals(THREADS),
                    tasks,
                    pages == null ? 0 : Math.min(most, pages),
                    each);
            return new PageFaultStorm(kernel, counts, plan);
        };
    }
}

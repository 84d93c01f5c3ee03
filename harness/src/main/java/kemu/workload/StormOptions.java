package kemu.workload;

import kemu.mm.Kernel;
import kemu.option.UsageException;
import picocli.CommandLine.Option;

/** How many take part in a storm over files and anonymous memory, and how much of it each has. */
final class StormOptions {
    @Option(
            names = "--processes",
            paramLabel = "P",
            defaultValue = "2",
            description = "processes at a time (default 2)")
    private int processes;

    @Option(names = "--threads", paramLabel = "T", description = "threads of a process (default: one for each CPU)")
    private Integer threads;

    @Option(
            names = "--pages",
            paramLabel = "P",
            description = "pages of each thread's file, of its private copies and of its anonymous memory (default: as"
                    + " many as make the memory about a third of what is used)")
    private Integer pages;

    /** Refuses what is not allowed. */
    void check() {
        UsageException.requireRange("--processes", processes, 1, PhasedRounds.MOST);
        if (threads != null) {
            UsageException.requireRange("--threads", threads, 1, PhasedRounds.MOST);
        }
        if (pages != null) {
            int tasks = processes * (threads == null ? 1 : threads);
            UsageException.requireRange("--pages", pages, 1, StormLayout.MOST_PAGES / tasks);
        }
    }

    /** How many processes there are at a time. */
    int processes() {
        return processes;
    }

    /** How many threads each has on {@code kernel}. */
    int threads(Kernel kernel) {
        return threads != null ? threads : kernel.machine().cpus();
    }

    /** Pages of each kind, or 0 for what makes memory short. */
    int pages() {
        return pages == null ? 0 : pages;
    }
}

package kemu.workload;

import kemu.mm.Kernel;
import kemu.option.UsageException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How many take part in a storm over files and anonymous memory, and how much of it each has. */
final class StormOptions {
    @Mixin
    private final CrewOptions crew = new CrewOptions();

    @Option(
            names = "--pages",
            paramLabel = "P",
            description = "pages of each thread's file, of its private copies and of its anonymous memory (default: as"
                    + " many as make the memory about a third of what is used)")
    private Integer pages;

    /** Refuses what is not allowed. */
    void check() {
        crew.check();
        if (pages != null) {
            int tasks = crew.processes() * crew.threads(1);
            UsageException.requireRange("--pages", pages, 1, StormLayout.MOST_PAGES / tasks);
        }
    }

    /** Who takes part on {@code kernel}, each with so many calls. */
    PhasedRounds.Crew crew(Kernel kernel, long calls) {
        return new PhasedRounds.Crew(crew.processes(), Math.min(PhasedRounds.MOST, threads(kernel)), calls);
    }

    /** The memory of those who take part, some of it equal if the kernel merges pages. */
    StormLayout layout(Kernel kernel, PhasedRounds.Crew of) {
        StormLayout layout = pages != null
                ? StormLayout.of(of.threads(), pages)
                : StormLayout.threeTimesMemory(kernel, of.tasks(), of.threads());
        return layout.with(kernel.ksm() == null ? Contents.DIFFERENT : Contents.MIXED);
    }

    /** How many processes there are at a time. */
    int processes() {
        return crew.processes();
    }

    /** How many threads each has on {@code kernel}. */
    int threads(Kernel kernel) {
        return crew.threads(kernel.machine().cpus());
    }

    /** Pages of each kind, or 0 for what makes memory short. */
    int pages() {
        return pages == null ? 0 : pages;
    }
}

package kemu.workload;

import kemu.option.UsageException;
import picocli.CommandLine.Option;

/** How many tasks take part in a workload of processes with threads. */
final class CrewOptions {
    @Option(
            names = "--processes",
            paramLabel = "P",
            defaultValue = "2",
            description = "processes at a time (default 2)")
    private int processes;

    @Option(
            names = "--threads",
            paramLabel = "T",
            description = "threads of a process (default: one for each CPU; of mprotect, two)")
    private Integer threads;

    /** Refuses what is not allowed. */
    void check() {
        UsageException.requireRange("--processes", processes, 1, PhasedRounds.MOST);
        if (threads != null) {
            UsageException.requireRange("--threads", threads, 1, PhasedRounds.MOST);
        }
    }

    /** How many processes there are at a time. */
    int processes() {
        return processes;
    }

    /** How many threads each has, {@code usual} unless it is said. */
    int threads(int usual) {
        return threads != null ? threads : usual;
    }
}

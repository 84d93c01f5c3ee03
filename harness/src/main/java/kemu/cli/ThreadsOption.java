package kemu.cli;

import kemu.option.UsageException;
import picocli.CommandLine.Option;

/** {@code --threads}: how much of the host is used by what consists of many independent pieces. */
final class ThreadsOption {
    private static final int MOST = 256;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "tests, or cells of check all, bugs and mutants, that are judged at a time (default: one for"
                    + " each core); changes nothing of what is found")
    private Integer threads;

    /** Threads to use. */
    int count() {
        if (threads == null) {
            return Math.min(MOST, Runtime.getRuntime().availableProcessors());
        }
        UsageException.requireRange("--threads", threads, 1, MOST);
        return threads;
    }
}

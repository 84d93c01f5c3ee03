package kemu.cli;

import java.util.List;
import kemu.litmus.kernel.KernelEngine;
import kemu.option.UsageException;
import picocli.CommandLine.Option;

/** How executions are chosen, and how many. */
final class SearchOptions {
    private static final long MOST_EXECUTIONS = 1_000_000_000_000L;

    @Option(
            names = "--search",
            paramLabel = "S",
            description = "exhaustive, random, pct, pos (default: exhaustive where that can end, else random); on weak"
                    + " and alpha reads-from: every execution up to which store each load reads from, and"
                    + " reads-from-random, the default there: the same, with a random walk where it gives up or takes"
                    + " long; of litmus --engine kernel exhaustive or random")
    private String search;

    @Option(
            names = "--executions",
            paramLabel = "N",
            description = "give up after so many executions (of litmus --engine kernel: of each test, default "
                    + KernelEngine.EXECUTIONS + "; exhaustive: at most " + KernelEngine.MOST_EXECUTIONS + ")")
    private Long executions;

    /** The search that was asked for, one of {@code able}; null if none was. */
    String search(List<String> able) {
        if (search != null) {
            UsageException.requireOneOf("--search", search, able);
        }
        return search;
    }

    /** Executions after which to give up; {@code usual} unless another number was asked for. */
    long executions(long usual) {
        if (executions == null) {
            return usual;
        }
        UsageException.requireRange("--executions", executions, 1, MOST_EXECUTIONS);
        return executions;
    }
}

package kemu.cli;

import java.util.List;
import java.util.Locale;
import kemu.hw.cache.MemoryModel;
import kemu.litmus.LitmusEngine;
import kemu.litmus.Model;
import kemu.litmus.axiom.Search;
import kemu.litmus.kernel.KernelEngine;
import picocli.CommandLine.Option;

/** Options of {@code kemu litmus} that say how final states are found. */
final class LitmusEngineOptions {
    @Option(
            names = "--engine",
            paramLabel = "E",
            defaultValue = "interpreted",
            description = {
                "interpreted: derives what a model allows;",
                "kernel: executes the tests on emulated CPUs with kemu's own locks and RCU (default: ${DEFAULT-VALUE})."
            })
    private String engine;

    @Option(
            names = "--search",
            paramLabel = "S",
            description = "Of the kernel engine: exhaustive or random (default: exhaustive, but random under weak and"
                    + " for tests that wait for grace periods).")
    private String search;

    @Option(
            names = "--executions",
            paramLabel = "N",
            description = "Of the kernel engine: executions per test (default: " + KernelEngine.EXECUTIONS
                    + "; exhaustive: at most " + KernelEngine.MOST_EXECUTIONS + ").")
    private Long executions;

    @Option(names = "--seed", paramLabel = "N", description = "Of the kernel engine: seed of random searches.")
    private Long seed;

    /** Whether tests are executed. */
    boolean kernel() {
        return engine.equals("kernel");
    }

    /** Name of the engine. */
    String name() {
        return engine;
    }

    /** Throws {@link UsageException} if something does not fit. */
    void check() {
        if (!List.of("interpreted", "kernel").contains(engine)) {
            throw new UsageException("--engine: '" + engine + "' (allowed: interpreted, kernel)");
        }
        if (!kernel()) {
            refuse("--search", search);
            refuse("--executions", executions);
            refuse("--seed", seed);
        }
        if (search != null && !List.of("exhaustive", "random").contains(search)) {
            throw new UsageException("--search: '" + search + "' (allowed: exhaustive, random)");
        }
        if (executions != null && executions < 1) {
            throw new UsageException("--executions: " + executions + " (allowed: 1 or more)");
        }
    }

    private void refuse(String option, Object given) {
        if (given != null) {
            throw new UsageException(option + ": only with --engine kernel");
        }
    }

    /** The engine for {@code model}. */
    LitmusEngine engine(Model model, long limit, int unroll) {
        if (!kernel()) {
            return new Search(model, limit, unroll);
        }
        return new KernelEngine(new KernelEngine.Options(
                MemoryModel.valueOf(model.name()),
                search == null
                        ? KernelEngine.Kind.EXHAUSTIVE
                        : KernelEngine.Kind.valueOf(search.toUpperCase(Locale.ROOT)),
                executions == null ? 0 : executions,
                seed == null ? 1 : seed,
                unroll,
                List.of()));
    }
}

package kemu.cli;

import java.util.List;
import java.util.Locale;
import kemu.check.Mutants;
import kemu.hw.cache.MemoryModel;
import kemu.kernel.locking.SpinLocks;
import kemu.litmus.LitmusEngine;
import kemu.litmus.Model;
import kemu.litmus.axiom.Search;
import kemu.litmus.kernel.KernelEngine;
import kemu.litmus.trace.Tracer;
import kemu.option.UsageException;
import kemu.rcu.flavors.RcuFlavors;
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

    @Option(
            names = "--rcu",
            paramLabel = "NAME",
            description = "Of the kernel engine: flavour of RCU, sched or preempt (default: sched).")
    private String rcu;

    @Option(
            names = "--spinlock",
            paramLabel = "NAME",
            description = "Of the kernel engine: spinlock algorithm, see kemu list (default: ticket).")
    private String spinLock;

    @Option(
            names = "--weaken",
            split = ",",
            paramLabel = "BARRIER",
            description =
                    "Of the kernel engine: makes barriers of kemu's locks and RCU do nothing, to see what they are"
                            + " for; see kemu list barriers.")
    private List<String> weakened;

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
            refuse("--rcu", rcu);
            refuse("--spinlock", spinLock);
            refuse("--weaken", weakened);
        }
        among("--search", search, "exhaustive", "random");
        among("--rcu", rcu, RcuFlavors.names());
        among("--spinlock", spinLock, SpinLocks.names());
        if (weakened != null) {
            weakened.forEach(barrier -> UsageException.requireOneOf("--weaken", barrier, Mutants.names()));
        }
        if (executions != null && executions < 1) {
            throw new UsageException("--executions: " + executions + " (allowed: 1 or more)");
        }
    }

    private static void among(String option, String given, String... allowed) {
        if (given != null && !List.of(allowed).contains(given)) {
            throw new UsageException(option + ": '" + given + "' (allowed: " + String.join(", ", allowed) + ")");
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
        return kernelEngine(model, limit, unroll);
    }

    /** Who tells executions of the chosen engine. */
    Tracer tracer(long limit, int unroll) {
        return kernel() ? new Tracer(model -> kernelEngine(model, limit, unroll)) : new Tracer(limit, unroll);
    }

    private KernelEngine kernelEngine(Model model, long limit, int unroll) {
        return new KernelEngine(new KernelEngine.Options(
                MemoryModel.valueOf(model.name()),
                search == null
                        ? KernelEngine.Kind.EXHAUSTIVE
                        : KernelEngine.Kind.valueOf(search.toUpperCase(Locale.ROOT)),
                executions == null ? 0 : executions,
                seed == null ? 1 : seed,
                unroll,
                spinLock == null ? "ticket" : spinLock,
                rcu == null ? "sched" : rcu,
                weakened == null ? List.of() : weakened,
                limit));
    }
}

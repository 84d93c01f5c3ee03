package kemu.cli;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import kemu.litmus.LitmusEngine;
import kemu.litmus.Model;
import kemu.litmus.axiom.Search;
import kemu.litmus.kernel.KernelEngine;
import kemu.litmus.trace.Tracer;
import kemu.option.UsageException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Options of {@code kemu litmus} that say how final states are found. */
final class LitmusEngineOptions {
    private static final String KERNEL = "kernel";
    private static final List<String> OF_THE_KERNEL_ENGINE =
            List.of("--search", "--executions", "--seed", "--rcu", "--spinlock", "--weaken");

    @Option(
            names = "--engine",
            paramLabel = "E",
            defaultValue = "interpreted",
            description = {
                "interpreted: derives what a model allows, or of a plugin's model meets every state;",
                "kernel: executes the tests on emulated CPUs with kemu's own locks and RCU; only it takes --search,"
                        + " --executions, --seed, --rcu, --spinlock and --weaken (default: ${DEFAULT-VALUE})."
            })
    private String engine;

    @Mixin
    private SearchOptions search = new SearchOptions();

    @Mixin
    private SeedOption seed = new SeedOption();

    @Mixin
    private StrategyOptions.Rcu rcu = new StrategyOptions.Rcu();

    @Mixin
    private StrategyOptions.SpinLock spinLock = new StrategyOptions.SpinLock();

    @Mixin
    private WeakenOption weaken = new WeakenOption();

    @Spec(Spec.Target.MIXEE)
    private CommandSpec litmus;

    /** Whether tests are executed. */
    boolean kernel() {
        return engine.equals(KERNEL);
    }

    /** Name of the engine that judges by {@code models}. */
    String name(List<Model> models) {
        return models.stream().allMatch(model -> model.axioms() == null) ? KERNEL : engine;
    }

    /** Throws {@link UsageException} if something does not fit. */
    void check() {
        if (!List.of("interpreted", KERNEL).contains(engine)) {
            throw new UsageException("--engine: '" + engine + "' (allowed: interpreted, kernel)");
        }
        if (!kernel()) {
            for (String option : OF_THE_KERNEL_ENGINE) {
                if (litmus.commandLine().getParseResult().hasMatchedOption(option)) {
                    throw new UsageException(option + ": only with --engine kernel");
                }
            }
        }
        kind();
        search.executions(1);
        rcu.chosen();
        spinLock.chosen();
        weaken.barriers();
    }

    private KernelEngine.Kind kind() {
        List<String> able = Stream.of(KernelEngine.Kind.values())
                .map(kind -> kind.name().toLowerCase(Locale.ROOT))
                .toList();
        String name = search.search(able);
        return name == null ? KernelEngine.Kind.EXHAUSTIVE : KernelEngine.Kind.values()[able.indexOf(name)];
    }

    /** The engine for {@code model}. */
    LitmusEngine engine(Model model, long limit, int unroll) {
        if (kernel()) {
            return kernelEngine(model, kind(), limit, unroll);
        }
        // A machine without axioms: its states are met, not derived.
        return model.axioms() == null
                ? kernelEngine(model, KernelEngine.Kind.STATES, limit, unroll)
                : new Search(model, limit, unroll);
    }

    /** Who tells executions of the chosen engine. */
    Tracer tracer(long limit, int unroll) {
        return kernel() ? new Tracer(model -> kernelEngine(model, kind(), limit, unroll)) : new Tracer(limit, unroll);
    }

    private KernelEngine kernelEngine(Model model, KernelEngine.Kind kind, long limit, int unroll) {
        return new KernelEngine(new KernelEngine.Options(
                model.machine(),
                kind,
                search.executions(0),
                seed.value(),
                unroll,
                spinLock.chosen(),
                rcu.chosen(),
                weaken.barriers(),
                limit));
    }
}

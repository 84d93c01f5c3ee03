package kemu.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import kemu.check.Check;
import kemu.check.Scenarios;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.Subject;
import kemu.host.Stop;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result;
import kemu.option.Sizes;
import kemu.option.UsageException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kemu check}: is this locking strategy right? */
@Command(
        name = "check",
        description = "Explores the interleavings of a scenario until one fails or all are covered.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class CheckCommand implements Callable<Integer>, Rehearsed {
    private static final long GRACE_MILLIS = 3_000;
    private static final long USUAL_MILLIS = 60_000;
    private static final long SAMPLING_MILLIS = 3_600_000;
    private static final long MOST_MILLIS = 10_000L * 3_600_000;
    /** What says nothing to the mutants: each is run in the way that the table of barriers names. */
    private static final List<String> NOT_FOR_MUTANTS = List.of(
            "--model",
            "--search",
            "--anon-vma",
            "--vma-lookup",
            "--spinlock",
            "--slab-reuse",
            "--seed",
            "--counters",
            "--variant",
            "--preemptions",
            "--weaken");

    @Parameters(
            paramLabel = "SCENARIO",
            arity = "0..1",
            description = "see kemu list scenarios; or all, or bugs, or mutants")
    private String scenario;

    @Option(
            names = "--from",
            paramLabel = "DUMP",
            description = "the scenario that shows in a few steps what dump/ of a run holds: a hang, or the release of"
                    + " a wrong lock, by its anon_vma strategy")
    private Path from;

    @Mixin
    private ModelOption modelOption = new ModelOption();

    @Mixin
    private SearchOptions searchOptions = new SearchOptions();

    @Option(
            names = "--budget",
            paramLabel = "T",
            converter = Sizes.Millis.class,
            description =
                    "give up after this long, of all and bugs: each cell (default 60s; 1h for so many --executions of a"
                            + " search that samples)")
    private Long budget;

    @Mixin
    private StrategyOptions.AnonVma anonVma = new StrategyOptions.AnonVma();

    @Mixin
    private StrategyOptions.VmaLookup vmaLookup = new StrategyOptions.VmaLookup();

    @Mixin
    private StrategyOptions.SpinLock spinLock = new StrategyOptions.SpinLock();

    @Mixin
    private StrategyOptions.SlabReuse slabReuse = new StrategyOptions.SlabReuse();

    @Mixin
    private ThreadsOption threads = new ThreadsOption();

    @Mixin
    private ShardOption shard = new ShardOption();

    @Mixin
    private SeedOption seed = new SeedOption();

    @Mixin
    private OutputOptions.Out out = new OutputOptions.Out();

    @Option(
            names = "--variant",
            paramLabel = "NAME",
            description = "of scenarios that are not about anon_vma strategies: one variant (default: the right one)")
    private String variant;

    @Mixin
    private PluginOption plugins = new PluginOption();

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--preemptions",
            paramLabel = "K",
            description = "cover executions with at most K deviations from running each CPU for as long as it can"
                    + " (default: no bound; 2 on models that reorder stores or return old values)")
    private Integer preemptions;

    @Option(
            names = "--counters",
            description = "count what accesses cost the caches: hits, misses and transfers of each CPU, and the fields"
                    + " that bounce between them; of one scenario, on tso, weak or alpha")
    private boolean counters;

    @Mixin
    private WeakenOption weaken = new WeakenOption();

    @Mixin
    private OutputOptions.JUnit junit = new OutputOptions.JUnit();

    @Mixin
    private OutputOptions.SarifFile sarif = new OutputOptions.SarifFile();

    @Mixin
    private OutputOptions.Perfetto perfetto = new OutputOptions.Perfetto();

    private CheckedCells cells;
    private MemoryModel model;
    private String search;
    private long budgetMillis;

    @Override
    public Integer call() {
        List<String> arguments = spec.root().commandLine().getParseResult().originalArgs();
        if (from != null && scenario == null) {
            plugins.load();
            return FromDump.check(from, modelOption.machine(), arguments);
        }
        if (from != null || scenario == null) {
            throw new UsageException(
                    from != null
                            ? "--from: chooses the scenario (allowed: without SCENARIO " + scenario + ")"
                            : "Missing required parameter: 'SCENARIO'");
        }
        Stop.served();
        out.chosen();
        plugins.load();
        List<Subject> subjects = subjects();
        if (scenario.equals(CheckedCells.MUTANTS)) {
            return new CheckMutants(searchOptions.executions(CheckMutants.EXECUTIONS), this::nanosLeft, threads.count())
                    .withFiles(junit.file(), sarif.file())
                    .print();
        }
        // A search looks at the clock between executions; whoever is late by this much is in a loop of his own.
        long guardMillis = budgetMillis + GRACE_MILLIS;
        return cells.many()
                ? new CheckMatrix(
                                scenario,
                                model.label(),
                                search,
                                seed.value(),
                                guardMillis,
                                check -> explore(check, nanosLeft()),
                                matrixFiles(),
                                threads.count())
                        .print(subjects)
                : report().print(subjects.get(0), guardMillis);
    }

    @Override
    public void rehearse() {
        out.chosen();
        plugins.load();
        subjects();
    }

    private CheckReport report() {
        List<String> arguments = spec.root().commandLine().getParseResult().originalArgs();
        CheckFiles files = new CheckFiles(out.chosen(), arguments)
                .withTrace(perfetto.file())
                .withSarif(sarif.file());
        return new CheckReport(files, junit.file(), seed.value(), search, counters, this::exploreAlone);
    }

    private List<Subject> subjects() {
        cells = new CheckedCells(scenario, anonVma.given(), vmaLookup.given(), variant);
        cells.requireKnown();
        for (String option : scenario.equals(CheckedCells.MUTANTS) ? NOT_FOR_MUTANTS : List.<String>of()) {
            if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
                throw new UsageException(option + ": not for mutants, whose scenarios, models and searches are fixed"
                        + " (see kemu list barriers)");
            }
        }
        model = modelOption.machine();
        checkSearch();
        if (!weaken.barriers().isEmpty()) {
            requireBuffers("--weaken: barriers order nothing");
        }
        if (counters) {
            requireBuffers("--counters: no caches are modelled");
        }
        List<String> unfit = cells.many()
                ? List.of("--counters", "--perfetto")
                : scenario.equals(CheckedCells.MUTANTS) ? List.of("--shard") : List.of("--shard", "--threads");
        for (String option : unfit) {
            if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
                throw new UsageException(option + ": not for " + scenario + " (allowed: "
                        + (cells.many() ? "one scenario, see kemu list scenarios" : "all, bugs")
                        + ")");
            }
        }
        List<Subject> subjects = new ArrayList<>();
        for (Scenario one : cells.scenarios()) {
            for (String each : cells.variants(one)) {
                subjects.add(new Subject(
                        one.name(),
                        each,
                        spinLock.chosen(),
                        model,
                        weaken.barriers(),
                        slabReuse.given(),
                        Check.seesEveryStore(search)));
            }
        }
        ShardOption.Part part = shard.part(subjects.size());
        return part == null ? subjects : part.of(subjects);
    }

    /** Throws {@code why} on a model without caches and buffers. */
    private void requireBuffers(String why) {
        if (!model.buffers()) {
            String able = MemoryModel.names().stream()
                    .filter(name -> MemoryModel.byName(name).buffers())
                    .collect(Collectors.joining(", "));
            throw new UsageException(why + " on model " + model.label() + " (allowed there: " + able + ")");
        }
    }

    private MatrixFiles matrixFiles() {
        return new MatrixFiles(
                out.chosen(),
                junit.file(),
                sarif.file(),
                spec.root().commandLine().getParseResult().originalArgs());
    }

    private void checkSearch() {
        search = searchOptions.search(Check.searches());
        boolean ordered = model.coverable();
        if (search == null) {
            Scenario one = Scenarios.byName(scenario);
            boolean coverable = one == null || one.coverable();
            search = ordered && coverable || preemptions != null
                    ? "exhaustive"
                    : coverable && Check.readsFrom(model) ? Check.READS_FROM_OR_RANDOM : "random";
        }
        if (Check.seesEveryStore(search) && !Check.readsFrom(model)) {
            throw new UsageException("--search: " + search + " on model " + model.label() + " (allowed on: "
                    + MemoryModel.WEAK.label() + ", " + MemoryModel.ALPHA.label() + ")");
        }
        if (preemptions != null && preemptions < 0) {
            throw new UsageException("--preemptions: " + preemptions + " (allowed: 0 and more)");
        }
        if (preemptions != null && !search.equals("exhaustive")) {
            throw new UsageException("--preemptions: bounds an exhaustive search, not " + search);
        }
        boolean counted = searchOptions.executions(Long.MAX_VALUE) != Long.MAX_VALUE && !search.equals("exhaustive");
        long usual = counted && Scenarios.byName(scenario) != null ? SAMPLING_MILLIS : USUAL_MILLIS;
        budgetMillis = budget == null ? usual : budget;
        if (budgetMillis > MOST_MILLIS) {
            throw new UsageException(
                    "--budget: " + budgetMillis / 3_600_000 + "h (allowed: at most " + MOST_MILLIS / 3_600_000 + "h)");
        }
    }

    /** The only cell: its own executions are what tells how far it is. */
    private Result exploreAlone(Check check) {
        LongSupplier left = nanosLeft();
        try (CheckProgress progress = new CheckProgress(System.err, check, budgetMillis)) {
            return explore(check, () -> {
                progress.step();
                return left.getAsLong();
            });
        }
    }

    private Result explore(Check check, LongSupplier clock) {
        long most = searchOptions.executions(Long.MAX_VALUE);
        int within = within(check.subject());
        return within < 0 ? check.explore(search, seed.value(), most, clock) : check.exploreWithin(within, most, clock);
    }

    /** Deviations to stay within: as asked for, or of all scenarios as the scenario says; -1 for no bound. */
    private int within(Subject subject) {
        if (preemptions != null) {
            return preemptions;
        }
        return cells.many() && search.equals("exhaustive")
                ? Scenarios.byName(subject.scenario()).deviations(subject)
                : -1;
    }

    /** A clock that begins now and runs out with the budget. */
    private LongSupplier nanosLeft() {
        long end = System.nanoTime() + budgetMillis * 1_000_000L;
        return Stop.clock(() -> end - System.nanoTime());
    }
}

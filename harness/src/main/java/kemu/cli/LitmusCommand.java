package kemu.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import kemu.host.SafeFiles;
import kemu.host.Stop;
import kemu.litmus.LitmusReport;
import kemu.litmus.LitmusResult;
import kemu.litmus.LitmusRunner;
import kemu.litmus.Model;
import kemu.litmus.axiom.Search;
import kemu.litmus.corpus.Cycles;
import kemu.option.UsageException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kemu litmus}: what may a memory-barrier idiom do? */
@Command(
        name = "litmus",
        description = "Say which final states litmus tests in the kernel's C dialect may reach.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class LitmusCommand implements Callable<Integer> {
    /** Of the tests of three processes one in four is written: about 3,000 in all. */
    private static final int STRIDE = 4;

    @Parameters(
            paramLabel = "FILE|DIR",
            arity = "0..*",
            description = "Tests, or directories with *.litmus below; corpus: for the tests that come with kemu,"
                    + " corpus:NAME for one of them or a folder (classic, lock, mlock, rcu, rmap, shapes).")
    private List<Path> given = List.of();

    @Mixin
    private ModelOption model = new ModelOption();

    @Mixin
    private PluginOption plugins = new PluginOption();

    @Mixin
    private LitmusEngineOptions engine;

    @Option(
            names = "--expect",
            paramLabel = "CSV",
            description = "Compare with a file of test,verdict,states (verdicts: Never, Sometimes, Always,"
                    + " Unsupported).")
    private Path expect;

    @Option(names = "--states", description = "Print every test in full, not only as a line of the table.")
    private boolean states;

    @Option(
            names = "--trace",
            description =
                    "Tell one execution that shows the outcome, step by step, or why there is none; with --out also"
                            + " as a page.")
    private boolean trace;

    @Option(
            names = "--unroll",
            paramLabel = "N",
            defaultValue = "" + Search.DEFAULT_UNROLL,
            description = "Turns of a loop that waits for a value (default: ${DEFAULT-VALUE}).")
    private int unroll;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "" + Search.DEFAULT_LIMIT,
            description = "Steps before a test is given up as unknown (default: ${DEFAULT-VALUE}).")
    private long limit;

    @Mixin
    private ThreadsOption threads = new ThreadsOption();

    @Mixin
    private OutputOptions.JUnit junit = new OutputOptions.JUnit();

    @Mixin
    private OutputOptions.Out out = new OutputOptions.Out();

    @Option(
            names = "--generate",
            paramLabel = "DIR",
            description = "Write generated tests there first: cycles of two or three processes with every fence and"
                    + " dependency; then judge them unless other tests are named.")
    private Path generate;

    @Override
    public Integer call() throws InterruptedException {
        plugins.load();
        check();
        Stop.served();
        if (generate != null) {
            generate();
        }
        List<Model> chosen = model.ofLitmus(engine.kernel());
        LitmusInput input = new LitmusInput(given, expect);
        List<Path> files = input.files();
        LitmusReport report = new LitmusReport(engine.name(chosen), chosen, input.expected());
        report.unread(input.unread());
        boolean full = states || trace || files.size() == 1;
        LitmusOutput output = new LitmusOutput(report, full, chosen.size() > 1);
        long start = System.nanoTime();
        output.begin();
        try (PiecesProgress progress = new PiecesProgress(System.err, "litmus", "tests", files.size())) {
            LitmusRunner runner = new LitmusRunner(chosen, one -> engine.engine(one, limit, unroll), threads.count());
            Consumer<LitmusResult> sink = result -> {
                report.add(result);
                output.show(result);
                if (trace && result.problem() == null && !Stop.requested()) {
                    output.tell(result, engine.tracer(limit, unroll), chosen, out.given());
                }
            };
            runner.run(files, sink, progress::begun, progress::done);
        }
        if (Stop.requested()) {
            report.interrupted();
        }
        return output.end((System.nanoTime() - start) / 1e9, out.given(), junit.file());
    }

    private void generate() {
        try {
            Files.createDirectories(generate);
            Cycles.generate(STRIDE, (name, text) -> {
                try {
                    if (!Stop.requested()) {
                        Files.writeString(generate.resolve(name + ".litmus"), text);
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw new UsageException(generate + ": cannot be written: " + SafeFiles.reason(e.getCause()));
        } catch (IOException e) {
            throw new UsageException(generate + ": cannot be written: " + SafeFiles.reason(e));
        }
        given = given.isEmpty() ? List.of(generate) : given;
    }

    private void check() {
        engine.check();
        out.given();
        if (given.isEmpty() && generate == null) {
            throw new UsageException("litmus: no file or directory given (corpus: is what comes with kemu)");
        }
        if (unroll < 0 || unroll > 20) {
            throw new UsageException("--unroll: " + unroll + " (allowed: 0..20)");
        }
        if (limit < 1) {
            throw new UsageException("--limit: " + limit + " (allowed: 1 or more)");
        }
        threads.count();
    }
}

package kemu.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import kemu.litmus.HerdText;
import kemu.litmus.LitmusException;
import kemu.litmus.LitmusFiles;
import kemu.litmus.LitmusReport;
import kemu.litmus.LitmusResult;
import kemu.litmus.LitmusRunner;
import kemu.litmus.Model;
import kemu.litmus.Outcome;
import kemu.litmus.Verdicts;
import kemu.litmus.axiom.Search;
import kemu.litmus.corpus.Cycles;
import kemu.litmus.trace.Telling;
import kemu.litmus.trace.Tracer;
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

    @Parameters(paramLabel = "FILE|DIR", arity = "0..*", description = "Tests, or directories with *.litmus below.")
    private List<Path> given = List.of();

    @Option(
            names = "--model",
            split = ",",
            paramLabel = "M",
            description =
                    "sc, tso, weak, lkmm, lkmm-6.1; several separated by commas; or all (default: lkmm, or weak with"
                            + " --engine kernel).")
    private List<String> models;

    @Mixin
    private LitmusEngineOptions engine;

    @Option(names = "--expect", paramLabel = "CSV", description = "Compare with a file of test,verdict,states.")
    private Path expect;

    @Option(names = "--states", description = "Print every test in full, not only as a line of the table.")
    private boolean states;

    @Option(
            names = "--trace",
            description = "Tell one execution that shows the outcome, step by step; with --out also as a page.")
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

    @Option(names = "--threads", paramLabel = "N", description = "Tests judged at a time (default: one per core).")
    private Integer threads;

    @Option(names = "--out", paramLabel = "DIR", description = "Write run.json there.")
    private Path out;

    @Option(
            names = "--generate",
            paramLabel = "DIR",
            description = "Write generated tests there first: cycles of two or three processes with every fence and"
                    + " dependency; then judge them unless other tests are named.")
    private Path generate;

    @Override
    public Integer call() throws InterruptedException {
        check();
        if (generate != null) {
            generate();
        }
        List<Model> chosen = models();
        List<Path> files = files();
        LitmusReport report = new LitmusReport(engine.name(), chosen, expectations());
        boolean full = states || trace || files.size() == 1;
        long start = System.nanoTime();
        if (!full) {
            System.out.println(report.header());
        }
        int count = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
        try (LitmusProgress progress = new LitmusProgress(System.err, files)) {
            LitmusRunner runner = new LitmusRunner(chosen, model -> engine.engine(model, limit, unroll), count);
            Consumer<LitmusResult> sink = result -> {
                report.add(result);
                show(report, result, full, chosen.size() > 1);
                if (trace && result.problem() == null) {
                    tell(result, chosen);
                }
                progress.told();
            };
            runner.run(files, sink, progress::judged);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        if (out != null) {
            write(report, seconds);
        }
        System.out.println(report.summary(seconds));
        return report.verdict().exitCode();
    }

    private void show(LitmusReport report, LitmusResult result, boolean full, boolean several) {
        if (result.problem() != null) {
            System.out.println(result.problem());
        } else if (!full) {
            System.out.println(report.row(result));
        } else {
            for (Map.Entry<Model, Outcome> one : result.outcomes().entrySet()) {
                if (several) {
                    System.out.println("Model " + one.getKey().label());
                }
                System.out.print(HerdText.of(
                        result.test(), one.getValue(), result.seconds().get(one.getKey())));
            }
            if (expect != null) {
                System.out.println(report.row(result));
            }
        }
    }

    private void tell(LitmusResult result, List<Model> chosen) {
        Telling telling;
        try {
            telling = new Tracer(limit, unroll).tell(result.test(), chosen);
        } catch (RuntimeException bug) {
            System.out.println("Trace " + result.name() + ": cannot be told: internal error: " + bug);
            return;
        }
        System.out.print(telling.text());
        if (out != null) {
            try {
                Files.createDirectories(out);
                String file = String.valueOf(result.file().getFileName()).replaceFirst("\\.litmus$", "") + ".html";
                telling.write(out.resolve(file));
            } catch (IOException e) {
                throw new UsageException(out + ": cannot be written: " + e.getMessage());
            }
        }
    }

    private void write(LitmusReport report, double seconds) {
        try {
            Files.createDirectories(out);
            report.writeJson(out.resolve("run.json"), seconds);
        } catch (IOException e) {
            throw new UsageException(out + ": cannot be written: " + e.getMessage());
        }
    }

    private void generate() {
        try {
            Files.createDirectories(generate);
            Cycles.generate(STRIDE, (name, text) -> {
                try {
                    Files.writeString(generate.resolve(name + ".litmus"), text);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (IOException | UncheckedIOException e) {
            throw new UsageException(generate + ": cannot be written: " + e.getMessage());
        }
        given = given.isEmpty() ? List.of(generate) : given;
    }

    private void check() {
        engine.check();
        if (trace && engine.kernel()) {
            throw new UsageException("--trace: only with --engine interpreted");
        }
        if (given.isEmpty() && generate == null) {
            throw new UsageException("litmus: no file or directory given");
        }
        if (unroll < 0 || unroll > 20) {
            throw new UsageException("--unroll: " + unroll + " (allowed: 0..20)");
        }
        if (limit < 1) {
            throw new UsageException("--limit: " + limit + " (allowed: 1 or more)");
        }
        if (threads != null && (threads < 1 || threads > 256)) {
            throw new UsageException("--threads: " + threads + " (allowed: 1..256)");
        }
    }

    private List<Model> models() {
        List<Model> chosen = new ArrayList<>();
        if (models == null) {
            return List.of(engine.kernel() ? Model.WEAK : Model.LKMM);
        }
        for (String name : models) {
            if (name.equalsIgnoreCase("all")) {
                return engine.kernel() ? List.of(Model.SC, Model.TSO, Model.WEAK) : List.of(Model.values());
            }
            Model model = Model.of(name);
            if (model != null && model.compareTo(Model.WEAK) > 0 && engine.kernel()) {
                throw new UsageException("--model: '" + name + "' (allowed with --engine kernel: sc, tso, weak, all)");
            }
            if (model == null) {
                throw new UsageException("--model: '" + name + "' (allowed: " + Model.labels() + ", all)");
            }
            chosen.add(model);
        }
        return chosen.stream().distinct().sorted().toList();
    }

    private List<Path> files() {
        for (Path path : given) {
            if (!Files.exists(path)) {
                throw new UsageException(path + ": no such file or directory");
            }
        }
        try {
            List<Path> files = LitmusFiles.find(given);
            if (files.isEmpty()) {
                throw new UsageException(given.get(0) + ": no *.litmus file below");
            }
            return files;
        } catch (IOException e) {
            throw new UsageException(given.get(0) + ": cannot be read: " + e.getMessage());
        }
    }

    private Verdicts expectations() {
        if (expect == null) {
            return Verdicts.none();
        }
        try {
            return Verdicts.read(expect);
        } catch (LitmusException wrong) {
            throw new UsageException(expect + ":" + wrong.line() + ": " + wrong.getMessage());
        } catch (IOException e) {
            throw new UsageException(expect + ": cannot be read");
        }
    }
}

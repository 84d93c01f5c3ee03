package kemu.litmus;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import kemu.host.InOrder;
import kemu.host.SafeFiles;
import kemu.host.Stop;
import kemu.litmus.ast.LitmusException;
import kemu.litmus.ast.LitmusTest;
import kemu.litmus.parse.LitmusParser;

/** Runs tests on every core, and reports them in the order given. */
public final class LitmusRunner {
    /** Long alternations of conditions and expressions recurse. */
    private static final long STACK = 64L << 20;

    private final List<Model> models;
    private final Function<Model, LitmusEngine> engines;
    private final int threads;

    /** Every test runs under each of {@code models}. */
    public LitmusRunner(List<Model> models, Function<Model, LitmusEngine> engines, int threads) {
        this.models = List.copyOf(models);
        this.engines = engines;
        this.threads = threads;
    }

    /** Passes the result of each file to {@code sink}, in order. */
    public void run(List<Path> files, Consumer<LitmusResult> sink) throws InterruptedException {
        run(files, sink, file -> {}, file -> {});
    }

    /**
     * As {@link #run(List, Consumer)}. When the process is told to end, what is being judged is left at once and what
     * has not begun is left out.
     *
     * @param begun told of each file when work on it begins, on the thread that judges it
     * @param judged told of it when it is judged, there as well
     */
    public void run(List<Path> files, Consumer<LitmusResult> sink, Consumer<String> begun, Consumer<String> judged)
            throws InterruptedException {
        InOrder pool = new InOrder("kemu-litmus", threads, STACK);
        pool.each(
                files,
                file -> {
                    if (Stop.requested()) {
                        return null;
                    }
                    begun.accept(file.toString());
                    LitmusResult result = judge(file);
                    judged.accept(file.toString());
                    return result;
                },
                (file, result) -> {
                    if (result != null) {
                        sink.accept(result);
                    }
                });
    }

    /** Judges one file. */
    public LitmusResult judge(Path file) {
        LitmusTest test = null;
        Map<Model, LitmusOutcome> outcomes = new TreeMap<>();
        Map<Model, String> refusals = new TreeMap<>();
        Map<Model, Double> seconds = new TreeMap<>();
        String problem = null;
        try {
            test = LitmusParser.parse(file);
            for (Model model : models) {
                judge(file, test, model, outcomes, refusals, seconds);
            }
        } catch (LitmusException unknown) {
            problem = line(file, unknown);
        } catch (NoSuchFileException | AccessDeniedException absent) {
            problem = file + ":1: cannot be read";
        } catch (IOException unreadable) {
            problem = file + ":1: cannot be read: " + SafeFiles.reason(unreadable);
        } catch (StackOverflowError deep) {
            problem = file + ":1: nested too deeply";
        } catch (RuntimeException bug) {
            // One test must not end the run over thousands; the line says whose fault it is.
            problem = file + ":1: " + LitmusResult.INTERNAL + bug;
        } catch (OutOfMemoryError full) {
            problem = file + ":1: " + LitmusResult.INTERNAL + "needs more memory than there is";
        }
        if (problem == null && outcomes.isEmpty()) {
            problem = refusals.get(models.get(0));
        }
        if (problem != null) {
            outcomes.clear();
        }
        return new LitmusResult(file, test, outcomes, refusals, problem, seconds);
    }

    private void judge(
            Path file,
            LitmusTest test,
            Model model,
            Map<Model, LitmusOutcome> outcomes,
            Map<Model, String> refusals,
            Map<Model, Double> seconds) {
        long start = System.nanoTime();
        try {
            outcomes.put(model, engines.apply(model).run(test));
        } catch (LitmusException unknown) {
            refusals.put(model, line(file, unknown));
        }
        seconds.put(model, (System.nanoTime() - start) / 1e9);
    }

    private static String line(Path file, LitmusException wrong) {
        return file + ":" + Math.max(1, wrong.line()) + ": " + wrong.getMessage();
    }
}

package kemu.litmus;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;
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
        run(files, sink, () -> {});
    }

    /** As {@link #run(List, Consumer)}; calls {@code judged} when any file is done, from the thread that did it. */
    public void run(List<Path> files, Consumer<LitmusResult> sink, Runnable judged) throws InterruptedException {
        ExecutorService pool = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(null, task, "kemu-litmus", STACK);
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<Future<LitmusResult>> pending = new ArrayList<>();
            for (Path file : files) {
                pending.add(pool.submit(() -> {
                    LitmusResult result = judge(file);
                    judged.run();
                    return result;
                }));
            }
            for (int i = 0; i < pending.size(); i++) {
                sink.accept(pending.get(i).get());
                pending.set(i, null);
            }
        } catch (ExecutionException failed) {
            throw new IllegalStateException(failed.getCause());
        } finally {
            pool.shutdownNow();
        }
    }

    /** Judges one file. */
    public LitmusResult judge(Path file) {
        LitmusTest test = null;
        Map<Model, Outcome> outcomes = new EnumMap<>(Model.class);
        Map<Model, Double> seconds = new EnumMap<>(Model.class);
        String problem = null;
        try {
            test = LitmusParser.parse(file);
            for (Model model : models) {
                long start = System.nanoTime();
                outcomes.put(model, engines.apply(model).run(test));
                seconds.put(model, (System.nanoTime() - start) / 1e9);
            }
        } catch (LitmusException unknown) {
            problem = file + ":" + Math.max(1, unknown.line()) + ": " + unknown.getMessage();
        } catch (NoSuchFileException | AccessDeniedException absent) {
            problem = file + ":1: cannot be read";
        } catch (IOException unreadable) {
            problem = file + ":1: cannot be read: " + unreadable.getMessage();
        } catch (StackOverflowError deep) {
            problem = file + ":1: nested too deeply";
        } catch (RuntimeException bug) {
            // One test must not end the run over thousands; the line says whose fault it is.
            problem = file + ":1: " + LitmusResult.INTERNAL + bug;
        } catch (OutOfMemoryError full) {
            problem = file + ":1: " + LitmusResult.INTERNAL + "needs more memory than there is";
        }
        if (problem != null) {
            outcomes.clear();
        }
        return new LitmusResult(file, test, outcomes, problem, seconds);
    }
}

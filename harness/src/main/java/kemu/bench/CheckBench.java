package kemu.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import kemu.check.Check;
import kemu.check.scenario.Subject;
import kemu.host.Stop;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result;

/**
 * How fast {@code kemu check} is: the time from the start of a process to the hang found, shrunk and told; executions a
 * second of a warm JVM; accesses a second of an emulated CPU on each model; the exhaustive proof. All oracles are on.
 */
public final class CheckBench {
    private static final String FIND = "check rmap-hang-child --anon-vma root-reread --search random --seed ";

    /**
     * One figure.
     *
     * @param key what it is, as in the summary
     * @param value how much
     * @param reproduce the command, or what was done
     */
    public record Figure(String key, double value, String reproduce) {}

    private final int seeds;
    private final double seconds;
    private final List<Figure> figures = new ArrayList<>();
    private Consumer<String> steps = step -> {};
    private Consumer<Figure> found = figure -> {};

    /** With {@code quick} for one seed and moments: shows that it works, measures nothing. */
    public CheckBench(boolean quick) {
        seeds = quick ? 1 : 20;
        seconds = quick ? 0.2 : 8;
    }

    /**
     * Measures everything, or what it comes to before {@link Stop#requested}.
     *
     * @param steps is told what is about to be done, in a few words
     * @param found is given each figure
     */
    public List<Figure> run(Consumer<String> steps, Consumer<Figure> found) {
        this.steps = steps;
        this.found = found;
        find();
        warm("rmap_hang_child_executions_per_s", MemoryModel.SC);
        accesses();
        proof(MemoryModel.SC);
        proof(MemoryModel.TSO);
        return figures;
    }

    private void add(String key, double value, String reproduce) {
        if (!Stop.requested()) {
            Figure figure = new Figure(key, value, reproduce);
            figures.add(figure);
            found.accept(figure);
        }
    }

    /** True, and {@code step} told, unless the process was told to end. */
    private boolean goOn(String step) {
        if (!Stop.requested()) {
            steps.accept(step);
        }
        return !Stop.requested();
    }

    private void find() {
        double[] elapsed = new double[seeds];
        for (int i = 0; i < seeds; i++) {
            if (!goOn("finding the hang, process " + (i + 1) + " of " + seeds)) {
                return;
            }
            elapsed[i] = process(FIND + (i + 1));
        }
        Arrays.sort(elapsed);
        String command = "./kemu " + FIND + "1.." + seeds + ", each a process of its own";
        add("find_median_s", (elapsed[(seeds - 1) / 2] + elapsed[seeds / 2]) / 2, command);
        add("find_most_s", elapsed[seeds - 1], command);
    }

    /** Seconds that a process takes in which kemu does {@code arguments} and finds a failure. */
    private static double process(String arguments) {
        AnotherKemu.Ended ended = AnotherKemu.run(List.of(arguments.split(" ")));
        if (ended.code() != 1 && !Stop.requested()) {
            throw ended.unexpected();
        }
        return ended.seconds();
    }

    private static LongSupplier clock(double left) {
        long end = System.nanoTime() + (long) (left * 1e9);
        return Stop.clock(() -> end - System.nanoTime());
    }

    /** Searches for the hang again and again, with one seed after the other, after as long to warm up. */
    private void warm(String key, MemoryModel model) {
        if (!goOn(String.format(Locale.ROOT, "executions a second, %.0f s", 2 * seconds))) {
            return;
        }
        try (Check check = new Check(Subject.of("rmap-hang-child", "root-reread", model))) {
            perSecond(check, seconds);
            add(key, perSecond(check, seconds)[0], "in one JVM: random search for the hang, seed after seed, model sc");
        }
    }

    /** Executions and transitions a second. */
    private static double[] perSecond(Check check, double seconds) {
        LongSupplier clock = clock(seconds);
        long start = System.nanoTime();
        long executions = 0;
        long steps = 0;
        for (long seed = 1; clock.getAsLong() > 0; seed++) {
            Result result = check.explore("random", seed, Long.MAX_VALUE, clock);
            executions += result.executions();
            steps += result.steps();
        }
        double elapsed = (System.nanoTime() - start) / 1e9;
        return new double[] {executions / elapsed, steps / elapsed};
    }

    /** Accesses a second of each model. */
    List<Figure> accesses() {
        for (MemoryModel model : List.of(MemoryModel.SC, MemoryModel.TSO, MemoryModel.WEAK)) {
            String step = "accesses a second on " + model.label();
            if (!goOn(String.format(Locale.ROOT, "%s, %.0f s", step, seconds))) {
                break;
            }
            OwnAccesses scene = new OwnAccesses();
            try (Check check = new Check(Subject.of(scene.name(), "kernel", model), scene)) {
                perSecond(check, seconds / 2);
                double each = perSecond(check, seconds / 2)[0];
                add(
                        model.label() + "_accesses_per_s",
                        each * scene.cpus() * OwnAccesses.ROUNDS * OwnAccesses.PER_ROUND,
                        "in one JVM: two CPUs on their own memory, seven of ten accesses plain");
            }
        }
        return figures;
    }

    private void proof(MemoryModel model) {
        String name = model.label();
        if (!goOn("the proof on " + name + ", some seconds")) {
            return;
        }
        try (Check check = new Check(Subject.of("rmap-hang-child", "root-recheck", model))) {
            long start = System.nanoTime();
            Result result = check.explore("exhaustive", 1, Long.MAX_VALUE, clock(600));
            double elapsed = (System.nanoTime() - start) / 1e9;
            if (result.verdict() != Result.Verdict.PASS && !Stop.requested()) {
                throw new IllegalStateException("no proof on " + name + ": " + result.verdict());
            }
            String command = "./kemu check rmap-hang-child --anon-vma root-recheck --model " + name;
            add(name + "_proof_executions", result.executions(), command);
            add(name + "_proof_s", elapsed, command);
        }
    }
}

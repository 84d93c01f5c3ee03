package kemu.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import kemu.check.Check;
import kemu.check.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.sched.Result;

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

    /** With {@code quick} for one seed and moments: shows that it works, measures nothing. */
    public CheckBench(boolean quick) {
        seeds = quick ? 1 : 20;
        seconds = quick ? 0.2 : 8;
    }

    /** Measures everything. */
    public List<Figure> run() {
        find();
        warm("rmap_hang_child_executions_per_s", MemoryModel.SC);
        accesses();
        proof(MemoryModel.SC);
        proof(MemoryModel.TSO);
        return figures;
    }

    private void add(String key, double value, String reproduce) {
        figures.add(new Figure(key, value, reproduce));
    }

    private void find() {
        double[] elapsed = new double[seeds];
        for (int i = 0; i < seeds; i++) {
            elapsed[i] = process(FIND + (i + 1));
        }
        Arrays.sort(elapsed);
        String command = "./kemu " + FIND + "1.." + seeds + ", each a process of its own";
        add("find_median_s", (elapsed[(seeds - 1) / 2] + elapsed[seeds / 2]) / 2, command);
        add("find_most_s", elapsed[seeds - 1], command);
    }

    /** Seconds that a process takes in which kemu does {@code arguments} and finds a failure. */
    private static double process(String arguments) {
        try {
            Path out = Files.createTempDirectory("kemu-bench");
            List<String> command = new ArrayList<>();
            command.add(ProcessHandle.current().info().command().orElse("java"));
            command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
            command.addAll(List.of("-cp", System.getProperty("java.class.path"), "kemu.cli.Main"));
            command.addAll(List.of(arguments.split(" ")));
            command.addAll(List.of("--out", out.toString()));
            long start = System.nanoTime();
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            byte[] said = process.getInputStream().readAllBytes();
            int code = process.waitFor();
            double elapsed = (System.nanoTime() - start) / 1e9;
            if (code != 1) {
                throw new IllegalStateException(
                        "kemu " + arguments + " ended with " + code + ": " + new String(said, StandardCharsets.UTF_8));
            }
            delete(out);
            return elapsed;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stopped);
        }
    }

    private static void delete(Path folder) throws IOException {
        List<Path> all;
        try (var paths = Files.walk(folder)) {
            all = paths.sorted(java.util.Comparator.reverseOrder()).toList();
        }
        for (Path one : all) {
            Files.delete(one);
        }
    }

    private static LongSupplier clock(double left) {
        long end = System.nanoTime() + (long) (left * 1e9);
        return () -> end - System.nanoTime();
    }

    /** Searches for the hang again and again, with one seed after the other, after as long to warm up. */
    private void warm(String key, MemoryModel model) {
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
            Accesses scene = new Accesses();
            try (Check check = new Check(Subject.of(scene.name(), "kernel", model), scene)) {
                perSecond(check, seconds / 2);
                double each = perSecond(check, seconds / 2)[0];
                add(
                        model.name().toLowerCase(Locale.ROOT) + "_accesses_per_s",
                        each * scene.cpus() * Accesses.ROUNDS * Accesses.PER_ROUND,
                        "in one JVM: two CPUs on their own memory, seven of ten accesses plain");
            }
        }
        return figures;
    }

    private void proof(MemoryModel model) {
        String name = model.name().toLowerCase(Locale.ROOT);
        try (Check check = new Check(Subject.of("rmap-hang-child", "root-recheck", model))) {
            long start = System.nanoTime();
            Result result = check.explore("exhaustive", 1, Long.MAX_VALUE, clock(600));
            double elapsed = (System.nanoTime() - start) / 1e9;
            if (result.verdict() != Result.Verdict.PASS) {
                throw new IllegalStateException("no proof on " + name + ": " + result.verdict());
            }
            String command = "./kemu check rmap-hang-child --anon-vma root-recheck --model " + name;
            add(name + "_proof_executions", result.executions(), command);
            add(name + "_proof_s", elapsed, command);
        }
    }
}

package kemu.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import kemu.host.Stop;
import kemu.mm.rmap.lock.AnonVmaLockings;
import kemu.mm.strategy.Strategies;

/**
 * What a walk from a page to its ptes costs when so many children of one parent live, each with pages of its own: with
 * an anon_vma for each process, and with one for all, as until 2.6.33. A run is a process of its own; the runs of all
 * strategies follow each other, and that again and again, so that what the host does meanwhile meets all alike.
 */
public final class WalkBench {
    /** Pages of all children together, so that each cell walks about as often. */
    private static final int COPIED_PAGES = 16_000;

    private static final int QUICK_PAGES = 64;
    /** As {@code run aim7 --anon-vmas} takes them. */
    private static final List<String> ANON_VMAS = List.of("one", "chains");

    /**
     * What is measured.
     *
     * @param strategies ways to lock an anon_vma
     * @param children numbers of children
     * @param repeat runs of each cell
     */
    public record Plan(List<String> strategies, List<Integer> children, int repeat) {
        /** Runs in all. */
        public int runs() {
            return strategies.size() * ANON_VMAS.size() * children.size() * repeat;
        }
    }

    /**
     * What was measured of one strategy with so many children; medians of the runs.
     *
     * @param strategy way to lock an anon_vma
     * @param anonVmas one for all processes, or chains
     * @param children that live
     * @param vmasPerWalk VMAs that a walk meets until it is at its page's pte, counted
     * @param walks in a run
     * @param meanNanos mean time of a walk, in which what else the host did shows
     * @param p50Nanos median time of a walk
     * @param leastNanos that of the run with the fastest walks
     * @param mostNanos that of the one with the slowest
     * @param p99Nanos time that one walk in a hundred exceeds
     */
    public record Cell(
            String strategy,
            String anonVmas,
            int children,
            double vmasPerWalk,
            double walks,
            double meanNanos,
            double p50Nanos,
            double leastNanos,
            double mostNanos,
            double p99Nanos) {}

    private final Plan plan;
    private final boolean quick;
    private final List<Cell> cells = new ArrayList<>();

    /** With {@code quick}, moments: shows that it works, measures nothing. */
    public WalkBench(Plan plan, boolean quick) {
        this.plan = plan;
        this.quick = quick;
    }

    /** Names of the strategies that are not known to be wrong, the default first. */
    public static List<String> soundStrategies() {
        return Strategies.sound(AnonVmaLockings.all());
    }

    /** What is measured. */
    public Plan plan() {
        return plan;
    }

    /**
     * Measures everything, or what it comes to before {@link Stop#requested}.
     *
     * @param steps is told what is about to be done, in a few words
     * @param found is given each cell
     */
    public List<Cell> run(Consumer<String> steps, Consumer<Cell> found) {
        int done = 0;
        for (int children : plan.children()) {
            for (String anonVmas : ANON_VMAS) {
                double[][][] measured = new double[plan.strategies().size()][plan.repeat()][];
                for (int again = 0; again < plan.repeat(); again++) {
                    for (int i = 0; i < plan.strategies().size(); i++) {
                        String strategy = plan.strategies().get(i);
                        steps.accept(String.format(
                                Locale.ROOT,
                                "%s, %s, %d children, run %d of %d",
                                strategy,
                                anonVmas,
                                children,
                                ++done,
                                plan.runs()));
                        measured[i][again] = measure(strategy, anonVmas, children);
                        if (Stop.requested()) {
                            return cells;
                        }
                    }
                }
                for (int i = 0; i < measured.length; i++) {
                    Cell cell = cell(plan.strategies().get(i), anonVmas, children, measured[i]);
                    cells.add(cell);
                    found.accept(cell);
                }
            }
        }
        return cells;
    }

    /**
     * The smallest number of children among those measured with which a walk of {@code strategy}, by its median, is
     * shorter where each process has an anon_vma than where all have one; 0 if there is none.
     */
    public static int crossover(List<Cell> cells, String strategy) {
        return cells.stream()
                .filter(one -> one.strategy().equals(strategy) && one.anonVmas().equals("chains"))
                .filter(one -> cells.stream()
                        .anyMatch(other -> other.strategy().equals(strategy)
                                && other.children() == one.children()
                                && other.p50Nanos() > one.p50Nanos()))
                .mapToInt(Cell::children)
                .min()
                .orElse(0);
    }

    /** The command that one run of a cell is. */
    public String command(String strategy, String anonVmas, int children) {
        return String.join(" ", arguments(strategy, anonVmas, children));
    }

    private List<String> arguments(String strategy, String anonVmas, int children) {
        int pages = Math.max(1, (quick ? QUICK_PAGES : COPIED_PAGES) / children);
        return List.of(("run aim7 --cpus 2 --memory 512m --children " + children + " --pages " + pages + " --anon-vmas "
                        + anonVmas + " --anon-vma " + strategy + " --rounds " + (quick ? 1 : 2))
                .split(" "));
    }

    private double[] measure(String strategy, String anonVmas, int children) {
        AnotherKemu.Ended ended = AnotherKemu.run(arguments(strategy, anonVmas, children));
        if (Stop.requested()) {
            return new double[5];
        }
        if (ended.code() != 0) {
            throw ended.unexpected();
        }
        return new double[] {
            ended.value("rmap_walk_mean_ns"),
            ended.value("rmap_walk_p99_ns"),
            ended.value("rmap_walks"),
            ended.value("vmas_per_walk"),
            ended.value("rmap_walk_p50_ns"),
        };
    }

    private static Cell cell(String strategy, String anonVmas, int children, double[][] runs) {
        double least = Arrays.stream(runs).mapToDouble(run -> run[4]).min().orElse(0);
        double most = Arrays.stream(runs).mapToDouble(run -> run[4]).max().orElse(0);
        return new Cell(
                strategy,
                anonVmas,
                children,
                MedianOfRuns.of(runs, 3),
                MedianOfRuns.of(runs, 2),
                MedianOfRuns.of(runs, 0),
                MedianOfRuns.of(runs, 4),
                least,
                most,
                MedianOfRuns.of(runs, 1));
    }
}

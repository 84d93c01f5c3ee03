package kemu.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import kemu.results.Interval;
import kemu.results.OperationLatencies;
import kemu.results.RunResults;
import kemu.results.SameWork;
import org.apache.commons.math3.stat.inference.MannWhitneyUTest;

/**
 * Runs beside the first of them, operation by operation. A difference counts if the values of the intervals of both
 * runs are told apart by the Mann-Whitney U test, which supposes nothing about how they are spread. What begins in the
 * first tenth of a run is left out: the host's compiler is warming up then.
 */
public final class Comparison {
    /** A difference counts if chance makes one as large less often than this. */
    public static final double CHANCE = 0.001;
    /** With fewer intervals on either side no difference could count. */
    public static final int FEWEST_INTERVALS = 8;

    private static final double WARM_UP = 0.1;

    /**
     * An operation, or a class of locks.
     *
     * @param name its tag, or name
     * @param cells for each metric, in their order, a cell for each run, in theirs
     */
    public record Row(String name, List<List<ComparedValue>> cells) {}

    private final List<RunResults> runs;
    private final List<String> names;
    private final List<Row> rows = new ArrayList<>();
    private final List<Row> locks;

    /** Compares {@code runs}, at least two that did the same work. */
    public Comparison(List<RunResults> runs) {
        SameWork.require(runs, SameWork.STRATEGIES);
        this.runs = List.copyOf(runs);
        names = SameWork.names(runs);
        TreeSet<String> operations = new TreeSet<>();
        runs.forEach(run -> run.latencies().operations().forEach(one -> operations.add(one.name())));
        for (String operation : operations) {
            List<List<ComparedValue>> cells = new ArrayList<>();
            for (Metric metric : Metric.values()) {
                cells.add(runs.stream().map(run -> cell(operation, metric, run)).toList());
            }
            rows.add(new Row(operation, cells));
        }
        locks = ComparedLocks.rows(runs);
    }

    private ComparedValue cell(String operation, Metric metric, RunResults run) {
        RunResults first = runs.getFirst();
        double[] own = values(operation, metric, run);
        double value = value(operation, metric, run);
        double base = value(operation, metric, first);
        if (run == first) {
            return new ComparedValue(value, Double.NaN, own.length, Double.NaN);
        }
        double[] others = values(operation, metric, first);
        double percent = 100 * (value - base) / base;
        boolean enough = Math.min(own.length, others.length) >= FEWEST_INTERVALS;
        double chance = enough ? new MannWhitneyUTest().mannWhitneyUTest(others, own) : Double.NaN;
        return new ComparedValue(value, percent, own.length, chance);
    }

    private static double value(String name, Metric metric, RunResults run) {
        OperationLatencies operation = run.latencies().operation(name);
        return operation == null
                ? Double.NaN
                : metric.of(operation, run.latencies().seconds());
    }

    private static double[] values(String name, Metric metric, RunResults run) {
        OperationLatencies operation = run.latencies().operation(name);
        if (operation == null) {
            return new double[0];
        }
        double from = run.latencies().seconds() * WARM_UP;
        List<Interval> intervals = metric == Metric.PER_S ? withNothing(operation, run) : operation.intervals();
        return intervals.stream()
                .filter(interval -> interval.fromSeconds() >= from)
                .mapToDouble(metric::of)
                .toArray();
    }

    /** All intervals of a run, also those in which an operation was not done. */
    private static List<Interval> withNothing(OperationLatencies operation, RunResults run) {
        Map<Double, Interval> all = new TreeMap<>();
        run.latencies().spans().forEach((from, to) -> all.put(from, new Interval(from, to, 0, 0, 0, 0)));
        operation.intervals().forEach(interval -> all.put(interval.fromSeconds(), interval));
        return List.copyOf(all.values());
    }

    /** The runs, the first being what the others are compared with. */
    public List<RunResults> runs() {
        return runs;
    }

    /** What each run is called: the strategies in which they differ. */
    public List<String> names() {
        return names;
    }

    /** The operations, by name. */
    public List<Row> rows() {
        return rows;
    }

    /** Classes of locks, those first that were waited for longest; empty if not all runs measured them. */
    List<Row> locks() {
        return locks;
    }

    /** Cells that were compared with another run's. */
    public List<ComparedValue> compared() {
        return rows.stream()
                .flatMap(row -> row.cells().stream())
                .flatMap(List::stream)
                .filter(cell -> !Double.isNaN(cell.percent()))
                .toList();
    }

    /** How it was told what counts, in a sentence. */
    public static String method() {
        return "* exceeds the spread between intervals: Mann-Whitney U, two-sided, p < " + CHANCE
                + ", of the values of intervals (the first tenth of each run left out, at least " + FEWEST_INTERVALS
                + " on each side)";
    }
}

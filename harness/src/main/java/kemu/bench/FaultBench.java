package kemu.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import kemu.host.Stop;
import kemu.mm.strategy.Strategies;
import kemu.mm.vma.lookup.VmaLookups;

/**
 * What each way to find a VMA costs a fault, and how it scales: threads of one address space that do nothing but fault,
 * on 1 to 8 CPUs. A run is a process of its own; the runs of all lookups on so many CPUs follow each other, and that
 * again and again, so that what the host does meanwhile meets all alike.
 */
public final class FaultBench {
    private static final int PAGES = 4_000;
    private static final String QUICK = " --pages 64 --rounds 2";

    /**
     * What is measured.
     *
     * @param lookups names of lookups; the first is what the others are compared with
     * @param cpus numbers of CPUs
     * @param millis how long each run is
     * @param repeat runs of each
     * @param shape what is mapped, as {@code run pagefault --shape} takes it
     */
    public record Plan(List<String> lookups, List<Integer> cpus, long millis, int repeat, String shape) {
        /** Runs in all. */
        public int runs() {
            return lookups.size() * cpus.size() * repeat;
        }
    }

    /**
     * What was measured of one lookup on so many CPUs; medians of the runs.
     *
     * @param lookup its name
     * @param cpus emulated CPUs, one thread each
     * @param perSecond faults a second, all threads together
     * @param least of the slowest run
     * @param most of the fastest
     * @param p50Nanos median latency of a fault
     * @param p99Nanos latency that one in a hundred exceeds
     * @param ratio faults a second over those of the first lookup on as many CPUs
     */
    public record Cell(
            String lookup,
            int cpus,
            double perSecond,
            double least,
            double most,
            double p50Nanos,
            double p99Nanos,
            double ratio) {}

    private final Plan plan;
    private final boolean quick;
    private final List<Cell> cells = new ArrayList<>();

    /** With {@code quick}, moments: shows that it works, measures nothing. */
    public FaultBench(Plan plan, boolean quick) {
        this.plan = plan;
        this.quick = quick;
    }

    /** Names of the lookups that are not known to be wrong, the default first. */
    public static List<String> soundLookups() {
        return Strategies.sound(VmaLookups.all());
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
        for (int cpus : plan.cpus()) {
            double[][][] measured = new double[plan.lookups().size()][plan.repeat()][];
            for (int again = 0; again < plan.repeat(); again++) {
                for (int i = 0; i < plan.lookups().size(); i++) {
                    long left = (plan.runs() - done) * (plan.millis() + 1_500) / 1_000;
                    steps.accept(String.format(
                            Locale.ROOT,
                            "%s on %d CPUs, run %d of %d, about %d s to go",
                            plan.lookups().get(i),
                            cpus,
                            ++done,
                            plan.runs(),
                            left));
                    measured[i][again] = measure(plan.lookups().get(i), cpus);
                    if (Stop.requested()) {
                        return cells;
                    }
                }
            }
            double first = MedianOfRuns.of(measured[0], 0);
            for (int i = 0; i < measured.length; i++) {
                Cell cell = cell(plan.lookups().get(i), cpus, measured[i], first);
                cells.add(cell);
                found.accept(cell);
            }
        }
        return cells;
    }

    /** The command that one run of a cell is. */
    public String command(String lookup, int cpus) {
        return String.join(" ", arguments(lookup, cpus));
    }

    private List<String> arguments(String lookup, int cpus) {
        String size = quick ? QUICK : " --pages " + PAGES + " --duration " + plan.millis() + "ms";
        return List.of(("run pagefault --mode threads --memory 512m --shape " + plan.shape() + " --cpus " + cpus
                        + " --vma-lookup " + lookup + size)
                .split(" "));
    }

    private double[] measure(String lookup, int cpus) {
        AnotherKemu.Ended ended = AnotherKemu.run(arguments(lookup, cpus));
        if (Stop.requested()) {
            return new double[3];
        }
        if (ended.code() != 0) {
            throw ended.unexpected();
        }
        return new double[] {
            ended.value("faults_per_s"), ended.value("fault_p50_ns"), ended.value("fault_p99_ns"),
        };
    }

    private static Cell cell(String lookup, int cpus, double[][] runs, double first) {
        double perSecond = MedianOfRuns.of(runs, 0);
        double least = Arrays.stream(runs).mapToDouble(run -> run[0]).min().orElse(0);
        double most = Arrays.stream(runs).mapToDouble(run -> run[0]).max().orElse(0);
        return new Cell(
                lookup,
                cpus,
                perSecond,
                least,
                most,
                MedianOfRuns.of(runs, 1),
                MedianOfRuns.of(runs, 2),
                perSecond / first);
    }
}

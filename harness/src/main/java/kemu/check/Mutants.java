package kemu.check;

import java.util.List;
import java.util.function.LongSupplier;
import kemu.check.order.BarrierTable;
import kemu.check.order.NamedBarrier;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.Subject;
import kemu.hw.explore.Result;

/**
 * Runs the kernel with one barrier taken away, for every barrier. The scenario that {@link BarrierTable} names must
 * then fail in the way that the table says. Where the table says that nothing can fail, the scenario must execute the
 * place of the barrier and still hold.
 */
public final class Mutants {
    private static final long SEED = 1;

    private Mutants() {}

    /**
     * What became of one mutant.
     *
     * @param barrier what was weakened
     * @param result of the scenario that was run without it
     * @param reached true if any execution came to the place of the barrier
     */
    public record Fate(NamedBarrier barrier, Result result, boolean reached) {
        /** True if the kernel was convicted; a scene that broke, or an accident, kills nothing. */
        public boolean killed() {
            return failed() && judgement().convicts();
        }

        /** True if executions were stopped, by the kernel's fault or not. */
        public boolean failed() {
            return result.verdict() == Result.Verdict.FAIL;
        }

        /** What the run says. */
        public Judgement judgement() {
            return Judgement.of(subject(barrier), result);
        }

        /** True if the table is right, as far as this run can tell: killed as it says, or tried and alive. */
        public boolean asExpected() {
            return barrier.needed()
                    ? killed() && barrier.kinds().contains(judgement().kind())
                    : reached && !failed();
        }
    }

    /** The barriers there are, by name. */
    public static List<String> names() {
        return BarrierTable.all().stream().map(NamedBarrier::name).toList();
    }

    /** Runs the scenario of {@code barrier} without it. */
    public static Fate run(NamedBarrier barrier, long maxExecutions, LongSupplier nanosLeft) {
        try (Check check = new Check(subject(barrier).withWeakened(List.of(barrier.name())))) {
            Result result = check.explore(barrier.search(), SEED, maxExecutions, nanosLeft);
            return new Fate(barrier, result, check.machine().reachedWeakened());
        }
    }

    /** What is checked without {@code barrier}, here with it in place. */
    public static Subject subject(NamedBarrier barrier) {
        String[] parts = barrier.scenario().split("/");
        Scenario scenario = Scenarios.byName(parts[0]);
        String variant = parts.length > 1 ? parts[1] : scenario.variants().get(0);
        String spinLock = parts.length > 2 ? parts[2] : Subject.SPIN_LOCK;
        return new Subject(parts[0], variant, spinLock, barrier.model(), List.of(), "");
    }
}

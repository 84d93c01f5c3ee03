package kemu.check;

import java.util.List;
import java.util.function.LongSupplier;
import kemu.check.order.BarrierTable;
import kemu.check.order.NamedBarrier;
import kemu.hw.cache.MemoryModel;
import kemu.hw.sched.Result;

/**
 * The kernel with one barrier taken away, for every barrier: the scenario that {@link BarrierTable} names must then
 * fail on the model weak, or, where the table says that nothing shows it, must still hold.
 */
public final class Mutants {
    private static final long SEED = 1;

    private Mutants() {}

    /**
     * What became of one mutant.
     *
     * @param barrier what was weakened
     * @param result of the scenario that was run without it
     */
    public record Fate(NamedBarrier barrier, Result result) {
        /** True if the kernel was convicted; a scene that broke, or an accident, kills nothing. */
        public boolean killed() {
            return result.verdict() == Result.Verdict.FAIL
                    && Judgement.of(subject(barrier.killer()), result).convicts();
        }

        /** True if the table is right, as far as this run can tell. */
        public boolean asExpected() {
            return killed() == barrier.needed();
        }
    }

    /** The barriers there are, by name. */
    public static List<String> names() {
        return BarrierTable.all().stream().map(NamedBarrier::name).toList();
    }

    /** Runs the scenario of {@code barrier} without it. */
    public static Fate run(NamedBarrier barrier, long maxExecutions, LongSupplier nanosLeft) {
        try (Check check = new Check(subject(barrier.killer()).withWeakened(List.of(barrier.name())))) {
            return new Fate(barrier, check.explore(barrier.search(), SEED, maxExecutions, nanosLeft));
        }
    }

    /** The subject written as {@code scenario[/variant[/spinlock]]}, on the model weak. */
    public static Subject subject(String killer) {
        String[] parts = killer.split("/");
        Scenario scenario = Scenarios.byName(parts[0]);
        String variant = parts.length > 1 ? parts[1] : scenario.variants().get(0);
        String spinLock = parts.length > 2 ? parts[2] : Subject.SPIN_LOCK;
        return new Subject(parts[0], variant, spinLock, MemoryModel.WEAK, List.of(), "");
    }
}

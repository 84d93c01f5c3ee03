package kemu.cli;

import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import kemu.check.Mutants;
import kemu.check.order.BarrierTable;
import kemu.check.order.NamedBarrier;

/** {@code kemu check mutants}: every barrier taken away once, and the scenario that notices. */
final class CheckMutants {
    /** Executions of each mutant's scenario, unless told otherwise. */
    private static final long EXECUTIONS = 20_000;

    private final long executions;
    private final Supplier<LongSupplier> budget;

    /** At most {@code executions} of each, null for the default, and until {@code budget} says so, begun for each. */
    CheckMutants(Long executions, Supplier<LongSupplier> budget) {
        this.executions = executions == null ? EXECUTIONS : executions;
        this.budget = budget;
    }

    /** Runs and prints; returns the exit code: 0 if every mutant does what the table of barriers says. */
    int print() {
        System.out.println("kemu " + Version.current() + "  check mutants  model=weak");
        long start = System.nanoTime();
        int killed = 0;
        int redundant = 0;
        int alive = 0;
        int wrong = 0;
        int uncovered = 0;
        for (NamedBarrier barrier : BarrierTable.all()) {
            if (!barrier.covered()) {
                System.out.println(String.format("%-32s ", barrier.name()) + barrier.verdict());
                uncovered++;
                continue;
            }
            Mutants.Fate fate = Mutants.run(barrier, executions, budget.get());
            System.out.println(line(fate));
            killed += fate.killed() ? 1 : 0;
            redundant += !fate.killed() && !barrier.needed() ? 1 : 0;
            alive += !fate.killed() && barrier.needed() ? 1 : 0;
            wrong += fate.killed() && !barrier.needed() ? 1 : 0;
        }
        String verdict = wrong > 0 ? "FAIL" : alive > 0 ? "UNKNOWN" : "PASS";
        System.out.printf(
                Locale.ROOT,
                "SUMMARY verb=check scenario=mutants model=weak verdict=%s barriers=%d killed=%d redundant=%d"
                        + " uncovered=%d alive=%d wrong=%d elapsed_s=%.3f%n",
                verdict,
                BarrierTable.all().size(),
                killed,
                redundant,
                uncovered,
                alive,
                wrong,
                (System.nanoTime() - start) / 1e9);
        return wrong > 0 ? 1 : alive > 0 ? CheckReport.UNKNOWN : 0;
    }

    private static String line(Mutants.Fate fate) {
        NamedBarrier barrier = fate.barrier();
        String name = String.format("%-32s ", barrier.name());
        if (fate.killed()) {
            return name + (barrier.needed() ? "killed by " : "**killed, though listed as redundant** by ")
                    + barrier.killer() + " in execution " + fate.result().executions() + ": "
                    + what(fate.result().failure());
        }
        String tried = fate.result().executions() + " executions of " + barrier.killer();
        return name + (barrier.needed() ? "**alive** after " + tried : barrier.verdict() + "; " + tried);
    }

    private static String what(Throwable failure) {
        String text = String.valueOf(failure.getMessage());
        String first = text.lines().findFirst().orElse("");
        return first.startsWith("INFO: tasks") ? "a hang" : first;
    }
}

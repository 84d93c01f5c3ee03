package kemu.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import kemu.check.Mutants;
import kemu.check.order.BarrierTable;
import kemu.check.order.NamedBarrier;
import kemu.host.InOrder;
import kemu.host.SafeFiles;
import kemu.hw.machine.Hang;
import kemu.report.JUnitXml;
import kemu.report.Sarif;

/** {@code kemu check mutants}: every barrier taken away once, and the scenario that notices. */
final class CheckMutants {
    /** Executions of each mutant's scenario, unless told otherwise. */
    static final long EXECUTIONS = 20_000;

    private final long executions;
    private final Supplier<LongSupplier> budget;
    private final int threads;
    private final List<JUnitXml.Case> cases = new ArrayList<>();
    private Path junit;
    private Path sarif;
    private int killed;
    private int redundant;
    private int invisible;
    private int uncovered;
    private int alive;
    private int wrong;

    /**
     * At most {@code executions} of each, and until {@code budget} says so, begun for each; {@code threads} at a time.
     */
    CheckMutants(long executions, Supplier<LongSupplier> budget, int threads) {
        this.executions = executions;
        this.budget = budget;
        this.threads = threads;
    }

    /** Writes JUnit XML and SARIF as well, each unless its file is null. */
    CheckMutants withFiles(Path junit, Path sarif) {
        this.junit = junit;
        this.sarif = sarif;
        return this;
    }

    /** Runs and prints; returns the exit code: 0 if every mutant does what the table of barriers says. */
    int print() {
        System.out.println("kemu " + Version.current() + "  check mutants  model=weak");
        long start = System.nanoTime();
        List<NamedBarrier> barriers = BarrierTable.all();
        try (PiecesProgress progress = new PiecesProgress(System.err, "check mutants", "mutants", barriers.size())) {
            new InOrder("kemu-check", threads, 0)
                    .each(barriers, barrier -> fate(barrier, progress), (barrier, fate) -> add(fate));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
        tryTo(junit, file -> JUnitXml.write(file, "kemu check mutants", cases));
        tryTo(sarif, file -> Sarif.write(file, failures()));
        String verdict = wrong > 0 ? "FAIL" : alive + uncovered > 0 ? "UNKNOWN" : "PASS";
        System.out.printf(
                Locale.ROOT,
                "SUMMARY verb=check scenario=mutants model=weak verdict=%s barriers=%d killed=%d redundant=%d"
                        + " invisible=%d uncovered=%d alive=%d wrong=%d elapsed_s=%.3f%n",
                verdict,
                barriers.size(),
                killed,
                redundant,
                invisible,
                uncovered,
                alive,
                wrong,
                (System.nanoTime() - start) / 1e9);
        return wrong > 0 ? 1 : alive + uncovered > 0 ? CheckReport.UNKNOWN : 0;
    }

    private Mutants.Fate fate(NamedBarrier barrier, PiecesProgress progress) {
        progress.begun(barrier.name());
        Mutants.Fate fate = Mutants.run(barrier, executions, budget.get());
        progress.done(barrier.name());
        return fate;
    }

    private void add(Mutants.Fate fate) {
        String name = fate.barrier().name();
        String line = line(fate);
        System.out.println(line);
        String said = line.substring(name.length()).replace("*", "").strip();
        cases.add(new JUnitXml.Case("check.mutants", name, JUnitXml.NO_TIME, count(fate), said, null));
    }

    /** A search that was cut short shows the first sign of a fault, not always what it leads to: that says nothing. */
    private boolean cutShort(Mutants.Fate fate) {
        return executions < EXECUTIONS && fate.barrier().needed() && fate.killed() && !fate.asExpected();
    }

    /** Counts {@code fate}; what it is to a build server. */
    private JUnitXml.Kind count(Mutants.Fate fate) {
        if (cutShort(fate)) {
            uncovered++;
            return JUnitXml.Kind.SKIPPED;
        }
        if (!fate.asExpected() && (fate.killed() || fate.failed())) {
            wrong++;
            return JUnitXml.Kind.FAILURE;
        }
        if (fate.killed()) {
            killed++;
            return JUnitXml.Kind.PASSED;
        }
        if (!fate.reached()) {
            uncovered++;
            return JUnitXml.Kind.SKIPPED;
        }
        switch (fate.barrier().fate()) {
            case KILLED -> {
                alive++;
                return JUnitXml.Kind.SKIPPED;
            }
            case REDUNDANT -> redundant++;
            case INVISIBLE -> invisible++;
        }
        return JUnitXml.Kind.PASSED;
    }

    /** The mutants that do not what the table of barriers says. */
    private List<Sarif.Failure> failures() {
        return cases.stream()
                .filter(one -> one.kind() == JUnitXml.Kind.FAILURE)
                .map(one -> new Sarif.Failure("mutant", one.message(), "mutants/" + one.name(), null))
                .toList();
    }

    private interface Body {
        void write(Path file) throws IOException;
    }

    private static void tryTo(Path file, Body body) {
        try {
            if (file != null) {
                body.write(file);
            }
        } catch (IOException full) {
            System.err.println("kemu: " + file + ": not written: " + SafeFiles.reason(full));
        }
    }

    private String line(Mutants.Fate fate) {
        NamedBarrier barrier = fate.barrier();
        String name = String.format("%-32s ", barrier.name());
        long tries = fate.result().executions();
        if (fate.killed()) {
            String how = barrier.scenario() + barrier.onModel() + " in execution " + tries + ": "
                    + fate.judgement().kind() + ", " + what(fate.result().failure());
            String said = cutShort(fate)
                    ? "another sign, cut short, by "
                    : barrier.needed() ? "**not as listed** by " : "**killed, though listed as harmless** by ";
            return name + (fate.asExpected() ? "killed by " : said) + how;
        }
        if (fate.failed()) {
            return name + "**broken**: " + fate.judgement().reason();
        }
        String tried = tries + " executions of " + barrier.scenario() + barrier.onModel();
        if (!fate.reached()) {
            return name + "**not reached** by " + tried;
        }
        return name
                + (barrier.needed() ? "**alive** after " + tried : barrier.verdict() + ", " + tries + " executions");
    }

    private static String what(Throwable failure) {
        return failure instanceof Hang
                ? "nobody can go on"
                : String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
    }
}

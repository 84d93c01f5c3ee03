package kemu.cli;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import kemu.check.Check;
import kemu.check.Expected;
import kemu.check.Judgement;
import kemu.check.PluginGuard;
import kemu.check.Plugins;
import kemu.check.Plugins.PluginFailure;
import kemu.check.Scenarios;
import kemu.check.matrix.Cell;
import kemu.check.matrix.Matrix;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Subject;
import kemu.host.InOrder;
import kemu.host.Stop;
import kemu.hw.explore.Result;
import kemu.hw.explore.Schedule;
import kemu.mm.rmap.lock.AnonVmaLockings;
import kemu.mm.strategy.Strategies;
import kemu.mm.vma.lookup.VmaLookups;

/**
 * {@code kemu check all}, or {@code bugs}: every scenario by every variant, what was found beside what is expected, and
 * how long that took. Times are printed and in no file: the same seed gives the same files.
 */
final class CheckMatrix {
    private final String scope;
    private final String model;
    private final String search;
    private final long seed;
    private final long guardMillis;
    private final Function<Check, Result> explore;
    private final MatrixFiles files;
    private final int threads;
    /** What belongs to a plugin is checked alone: it may use up memory that others need. */
    private final ReadWriteLock alone = new ReentrantReadWriteLock(true);

    CheckMatrix(
            String scope,
            String model,
            String search,
            long seed,
            long guardMillis,
            Function<Check, Result> explore,
            MatrixFiles files,
            int threads) {
        this.scope = scope;
        this.model = model;
        this.search = search;
        this.seed = seed;
        this.guardMillis = guardMillis;
        this.explore = explore;
        this.files = files;
        this.threads = threads;
    }

    /** A cell, and how long it took. */
    private record Timed(Cell cell, long nanos) {}

    /** Explores, prints and writes; returns the exit code: 0 if every cell is as expected. */
    int print(List<Subject> subjects) {
        files.prepare();
        long start = System.nanoTime();
        Matrix matrix = new Matrix(scope, model, search, seed);
        try (PiecesProgress progress = new PiecesProgress(System.err, "check " + scope, "cells", subjects.size())) {
            Printer printer = new Printer(matrix);
            new InOrder("kemu-check", threads, 0).each(subjects, subject -> timed(subject, progress), printer::print);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
        String shown = "";
        if (scope.equals(CheckedCells.BUGS)) {
            shown = new ShownBugs(matrix.cells()).print(model);
        } else {
            for (Map.Entry<String, String> row : Scenarios.notYet().entrySet()) {
                System.out.printf("%-20s not yet: waits for %s%n", row.getKey(), row.getValue());
            }
            printUntried();
        }
        printUnexplored(matrix);
        files.write(matrix);
        System.out.printf(
                Locale.ROOT,
                "SUMMARY verb=check scenario=%s model=%s verdict=%s %s%s interrupted=%s elapsed_s=%.3f%n",
                scope,
                model,
                matrix.verdict(),
                shown,
                matrix.counts(),
                Stop.requested(),
                (System.nanoTime() - start) / 1e9);
        return switch (matrix.verdict()) {
            case PASS -> 0;
            case FAIL -> 1;
            case UNKNOWN -> CheckReport.UNKNOWN;
        };
    }

    /** Prints cells in their order, as soon as those before have come. */
    private final class Printer {
        private final Matrix matrix;
        private String before = "";

        Printer(Matrix matrix) {
            this.matrix = matrix;
        }

        /** {@code found} is null of a cell that was not come to. */
        void print(Subject subject, Timed found) {
            if (found == null) {
                matrix.skip();
                return;
            }
            if (scope.equals(CheckedCells.BUGS) && !before.equals(subject.scenario())) {
                Scenarios.byName(subject.scenario()).bugs().forEach(CheckMatrix::printTitle);
            }
            before = subject.scenario();
            matrix.add(found.cell);
            System.out.println(line(found.cell, found.nanos));
        }
    }

    private Timed timed(Subject subject, PiecesProgress progress) {
        if (Stop.requested()) {
            return null;
        }
        String piece = subject.scenario() + " " + subject.variant();
        progress.begun(piece);
        long began = System.nanoTime();
        Cell cell = cell(subject);
        progress.done(piece);
        return new Timed(cell, System.nanoTime() - began);
    }

    private static void printTitle(Bug bug) {
        System.out.println(bug.title() + " [" + bug.kernels() + "; " + bug.commits() + "]");
    }

    /** One line of the matrix; {@code nanos} is the time to find, or to cover. */
    private static String line(Cell cell, long nanos) {
        Subject subject = cell.subject();
        String name = String.format(
                Locale.ROOT, "%-20s %-27s %-6s ", subject.scenario(), subject.variant(), subject.modelName());
        if (cell.found() == null) {
            return name + cell.remark();
        }
        return (name
                        + String.format(
                                Locale.ROOT,
                                "expected %-19s found %-19s %10d executions %9.3f s  %s",
                                cell.expected(),
                                cell.foundWords(),
                                cell.found().executions(),
                                nanos / 1e9,
                                cell.remark()))
                .stripTrailing();
    }

    /** One cell. */
    private Cell cell(Subject subject) {
        Expectation expected = expected(subject);
        if (!expected.applies()) {
            return Cell.inapplicable(subject, expected);
        }
        String plugin = Plugins.ownerOf(subject);
        Lock lock = plugin == null ? alone.readLock() : alone.writeLock();
        lock.lock();
        try {
            return plugin == null
                    ? explored(subject, expected)
                    : PluginGuard.run(plugin, guardMillis, () -> explored(subject, expected));
        } catch (PluginFailure failure) {
            return Cell.failed(subject, expected, failure.getMessage());
        } finally {
            lock.unlock();
        }
    }

    /** What must be found; a scenario that no exhaustive search can cover is not for one. */
    private Expectation expected(Subject subject) {
        boolean coverable = Scenarios.byName(subject.scenario()).coverable();
        return !coverable && search.equals("exhaustive")
                ? Expectation.inapplicable("a task waits in a loop that names no word, which no exhaustive search"
                        + " covers; --search random tries it")
                : Expected.of(subject);
    }

    private Cell explored(Subject subject, Expectation expected) {
        try (Check check = new Check(subject)) {
            Judgement found = check.judge(explore.apply(check));
            Cell cell = Cell.of(subject, expected, found, null);
            boolean surprise = cell.status() != Cell.Status.AS_EXPECTED || expected.verdict() == null;
            return found.convicts() && surprise ? Cell.of(subject, expected, found, keep(check, found)) : cell;
        } catch (SceneBroken broken) {
            return Cell.of(subject, expected, Judgement.of(broken), null);
        }
    }

    /** Makes the failure short and keeps it; where its schedule is, below the directory. */
    private String keep(Check check, Judgement found) {
        Result small = check.shrink(found.result());
        Schedule schedule = check.schedule(small, seed);
        files.of(check.subject())
                .failure(check, check.subject(), schedule, check.narrate(schedule, check.explain(schedule)));
        return files.folder(check.subject()).resolve("schedule.kemu").toString();
    }

    /** Names the scenarios whose verdicts may depend on hardware that was not explored, if there is one. */
    private static void printUnexplored(Matrix matrix) {
        String scenarios = matrix.cells().stream()
                .filter(cell ->
                        cell.found() != null && !cell.found().notExplored().isEmpty())
                .map(cell -> cell.subject().scenario())
                .distinct()
                .collect(Collectors.joining(", "));
        if (!scenarios.isEmpty()) {
            System.out.println(
                    "not explored: TLB (tasks access user memory, and every access walks the page table), in: "
                            + scenarios);
        }
    }

    /** Names the scenarios that no strategy of another author is tried in, if there is one. */
    private static void printUntried() {
        printUntried("strategies of plugins", Strategies.names(AnonVmaLockings.foreign()), Scenario::lookup);
        printUntried("lookups of VMAs of plugins", Strategies.names(VmaLookups.foreign()), Scenario::vmaLookup);
    }

    private static void printUntried(String what, List<String> foreign, BiFunction<Scenario, String, String> lookupOf) {
        if (foreign.isEmpty()) {
            return;
        }
        String untried = Scenarios.matrix().stream()
                .filter(one ->
                        one.variants().stream().noneMatch(variant -> foreign.contains(lookupOf.apply(one, variant))))
                .map(Scenario::name)
                .collect(Collectors.joining(", "));
        System.out.println(what + " are not tried in (their lookup is fixed, or they have none): " + untried);
    }
}

package kemu.cli;

import java.util.List;
import java.util.Locale;
import java.util.Map;
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
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Subject;
import kemu.host.Stop;
import kemu.hw.explore.Result;
import kemu.hw.explore.Schedule;
import kemu.mm.rmap.AnonVmaLockingProvider;
import kemu.mm.rmap.lock.AnonVmaLockings;

/** {@code kemu check all}: every scenario by every variant, what was found beside what is expected. */
final class CheckMatrix {
    private final String model;
    private final String search;
    private final long seed;
    private final long guardMillis;
    private final Function<Check, Result> explore;
    private final MatrixFiles files;

    CheckMatrix(
            String model,
            String search,
            long seed,
            long guardMillis,
            Function<Check, Result> explore,
            MatrixFiles files) {
        this.model = model;
        this.search = search;
        this.seed = seed;
        this.guardMillis = guardMillis;
        this.explore = explore;
        this.files = files;
    }

    /** Explores, prints and writes; returns the exit code: 0 if every cell is as expected. */
    int print(List<Subject> subjects) {
        files.prepare();
        Matrix matrix = new Matrix(model, search, seed);
        for (Subject subject : subjects) {
            if (Stop.requested()) {
                matrix.skip();
                continue;
            }
            Cell cell = cell(subject);
            matrix.add(cell);
            System.out.println(line(cell));
        }
        for (Map.Entry<String, String> row : Scenarios.notYet().entrySet()) {
            System.out.printf("%-20s not yet: waits for %s%n", row.getKey(), row.getValue());
        }
        printUntried();
        files.write(matrix);
        System.out.println("SUMMARY verb=check scenario=all model=" + model + " verdict=" + matrix.verdict() + " "
                + matrix.counts() + " interrupted=" + Stop.requested());
        return switch (matrix.verdict()) {
            case PASS -> 0;
            case FAIL -> 1;
            case UNKNOWN -> CheckReport.UNKNOWN;
        };
    }

    /** One line of the matrix. */
    private static String line(Cell cell) {
        Subject subject = cell.subject();
        String name = String.format(
                Locale.ROOT, "%-20s %-22s %-6s ", subject.scenario(), subject.variant(), subject.modelName());
        if (cell.found() == null) {
            return name + cell.remark();
        }
        return (name
                        + String.format(
                                Locale.ROOT,
                                "expected %-19s found %-19s %10d executions  %s",
                                cell.expected(),
                                cell.foundWords(),
                                cell.found().executions(),
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
        if (plugin == null) {
            return explored(subject, expected);
        }
        try {
            return PluginGuard.run(plugin, guardMillis, () -> explored(subject, expected));
        } catch (PluginFailure failure) {
            return Cell.failed(subject, expected, failure.getMessage());
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
            Judgement found = Judgement.of(subject, explore.apply(check));
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

    /** Names the scenarios that no strategy of another author is tried in, if there is one. */
    private static void printUntried() {
        List<String> foreign = AnonVmaLockings.all().stream()
                .map(AnonVmaLockingProvider::name)
                .filter(name -> AnonVmaLockings.BUILT_IN.stream()
                        .noneMatch(one -> one.name().equals(name)))
                .toList();
        if (foreign.isEmpty()) {
            return;
        }
        String untried = Scenarios.named().stream()
                .filter(one -> one.variants().stream().noneMatch(variant -> foreign.contains(one.lookup(variant))))
                .map(Scenario::name)
                .collect(Collectors.joining(", "));
        System.out.println(
                "strategies of plugins are not tried in (their lookup is fixed, or they have none): " + untried);
    }
}

package kemu.cli;

import java.util.ArrayList;
import java.util.List;
import kemu.check.Scenarios;
import kemu.check.matrix.Cell;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Scenario;

/**
 * Which bugs the cells of a {@code kemu check bugs} have shown: a variant that is as shipped has failed as expected.
 */
final class ShownBugs {
    private final List<Cell> cells;

    ShownBugs(List<Cell> cells) {
        this.cells = cells;
    }

    /** Names those that were not shown on {@code model}; returns the pairs of the summary. */
    String print(String model) {
        List<String> hidden = new ArrayList<>();
        int shown = 0;
        for (String name :
                cells.stream().map(cell -> cell.subject().scenario()).distinct().toList()) {
            Scenario scenario = Scenarios.byName(name);
            for (Bug bug : scenario.bugs()) {
                if (isShown(bug)) {
                    shown++;
                } else {
                    hidden.add(bug.title() + ": " + String.join(", ", BugCommands.of(scenario, bug)));
                }
            }
        }
        hidden.forEach(bug -> System.out.println("not shown on " + model + ": " + bug));
        return "bugs=" + (shown + hidden.size()) + " shown=" + shown + " ";
    }

    private boolean isShown(Bug bug) {
        return cells.stream()
                .filter(cell -> cell.shippedBugs().contains(bug))
                .anyMatch(cell ->
                        cell.status() == Cell.Status.AS_EXPECTED && cell.found().convicts());
    }
}

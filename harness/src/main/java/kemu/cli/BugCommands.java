package kemu.cli;

import java.util.ArrayList;
import java.util.List;
import kemu.check.Expected;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.Subject;
import kemu.host.Shell;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result.Verdict;

/** The commands that show a bug. */
final class BugCommands {
    private BugCommands() {}

    /** One for each variant that is as shipped, on the strongest model that shows it. */
    static List<String> of(Scenario scenario, Bug bug) {
        List<String> commands = new ArrayList<>();
        for (String variant : bug.shipped()) {
            MemoryModel model = strongest(scenario, variant);
            commands.add("./kemu check " + scenario.name() + (scenario.byAnonVma() ? " --anon-vma " : " --variant ")
                    + Shell.quote(variant) + (model.equals(MemoryModel.SC) ? "" : " --model " + model.label()));
        }
        return commands;
    }

    /** The models stand in the table from the strongest to the weakest. */
    private static MemoryModel strongest(Scenario scenario, String variant) {
        for (MemoryModel model : MemoryModel.builtIn()) {
            if (Expected.of(Subject.of(scenario.name(), variant, model)).verdict() == Verdict.FAIL) {
                return model;
            }
        }
        return MemoryModel.SC;
    }
}

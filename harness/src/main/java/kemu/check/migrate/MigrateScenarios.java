package kemu.check.migrate;

import java.util.List;
import kemu.check.scenario.Scenario;

/** The scenarios of this package. */
public final class MigrateScenarios {
    /** One row for each, in the order of the matrix. */
    public static final List<Scenario> ALL = List.of(
            new MigrateGet(),
            new MigrateFault(),
            new MigrateFork(),
            new MigrateZap(),
            new MigrateMremap(),
            new MigrateExecStack(),
            new MigrateUffd(),
            MigrateMlock.mlock(),
            MigrateMlock.munlock(),
            new MemoryFailed());

    private MigrateScenarios() {}
}

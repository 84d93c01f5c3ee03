package kemu.check.walk;

import java.util.List;
import kemu.check.scenario.Scenario;

/** The scenarios of this package. */
public final class WalkScenarios {
    /** One row for each, in the order of the matrix. */
    public static final List<Scenario> ALL = List.of(
            new MergeUnfaulted(),
            new AdjustedVma(),
            new MremapOrder(),
            new MremapPeek(),
            new MovedRoot(),
            new HugeSplit(),
            new HugeCollapse(),
            new FoundPage(FoundPage.Of.MOVE),
            new FoundPage(FoundPage.Of.FAULT));

    private WalkScenarios() {}
}

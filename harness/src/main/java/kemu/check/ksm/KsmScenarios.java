package kemu.check.ksm;

import java.util.List;
import kemu.check.scenario.Scenario;

/** The scenarios of this package. */
public final class KsmScenarios {
    /** One row for each, in the order of the matrix. */
    public static final List<Scenario> ALL = List.of(
            new MergeWrite("rmap-ksm-write", 0),
            new MergeWrite("rmap-ksm-write-shared", 1),
            new MergeZap(),
            new MergePinned(),
            new MergeDirty(),
            new CopyTest(),
            new CopyLock(),
            new StaleMapping(),
            new MergeExit(),
            new PinnedRoot(),
            new PinnedChild());

    private KsmScenarios() {}
}

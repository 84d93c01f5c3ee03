package kemu.check.swap;

import java.util.List;
import kemu.check.scenario.Scenario;

/** The scenarios of this package. */
public final class SwapScenarios {
    /** Those of the matrix. */
    public static final List<Scenario> ALL = List.of(SkipCache.direct());
    /** Those that no search covers. */
    public static final List<Scenario> LONG = List.of(SkipCache.cached());

    private SwapScenarios() {}
}

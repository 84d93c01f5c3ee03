package kemu.check.tlb;

import java.util.List;
import kemu.check.scenario.Scenario;

/** The scenarios of this package. */
public final class TlbScenarios {
    /** All of them. */
    public static final List<Scenario> ALL =
            List.of(new ForkFault(), new LostRights(), new FreedPage(), new MovedPage());

    private TlbScenarios() {}
}

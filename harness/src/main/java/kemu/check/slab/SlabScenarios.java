package kemu.check.slab;

import java.util.List;
import kemu.check.scenario.Scenario;

/** The scenarios of this package. */
public final class SlabScenarios {
    /** One row for each, in the order of the matrix. */
    public static final List<Scenario> ALL = List.of(
            new SameLife(),
            new VerifyFirst(),
            new PageRecycle(),
            new NoRcuReader(),
            new ZeroAlloc(),
            new Destroy(),
            new ObjRcu(),
            new Quarantine(),
            new Confirmed());

    private SlabScenarios() {}
}

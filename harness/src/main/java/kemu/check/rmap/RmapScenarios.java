package kemu.check.rmap;

import java.util.List;
import kemu.check.scenario.Scenario;

/** The scenarios of this package. */
public final class RmapScenarios {
    /** One row for each, in the order of the matrix. */
    public static final List<Scenario> ALL = List.of(
            new HangChild(),
            new HangRoot(),
            new HangControl(),
            new HangSymptom(),
            new ObjectRcu(),
            new StaleOk(),
            new NoMappedTest(),
            new NoTypesafe(),
            new NoPageRef(),
            new Oldest(),
            new RootOrder(),
            new CloneOrder(),
            new PutOrder(),
            new DoubleReuse(),
            new DelayedRmap(),
            new GatherSleep(),
            new PrepareNoLock(),
            new PreparePublish(),
            new AllLocks());

    private RmapScenarios() {}
}

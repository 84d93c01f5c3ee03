package kemu.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.trace.model.Trace;
import kemu.trace.model.TraceException;
import org.junit.jupiter.api.Test;

/**
 * The plan's promise, held against an independent model: every touched page is one fault, in whatever order processes
 * run.
 */
class ModelReplayTest {
    @Test
    void shouldFaultExactlyAsPlannedWhenBundledTraceRunsInAnyOrder() {
        Trace trace = Traces.bundled();
        for (int seed = 0; seed < 8; seed++) {
            assertEquals(trace.plannedFaults(), ModelReplay.run(trace, seed), "seed " + seed);
        }
    }

    @Test
    void shouldFaultExactlyAsPlannedWhenProcessHasThreads() throws TraceException {
        Trace trace = Traces.load(Shared.trace("threads-sample.strace"), LoadOptions.DEFAULT);
        for (int seed = 0; seed < 8; seed++) {
            assertEquals(trace.plannedFaults(), ModelReplay.run(trace, seed), "seed " + seed);
        }
    }

    @Test
    void shouldFaultExactlyAsPlannedWhenCallsAreRandom() throws TraceException {
        long planned = 0;
        for (int seed = 0; seed < 200; seed++) {
            Trace trace = Logs.planTimed(RandomLog.of(seed), false, 40 + seed * 2);
            planned += trace.plannedFaults();
            assertEquals(trace.plannedFaults(), ModelReplay.run(trace, seed), "seed " + seed);
        }
        assertTrue(planned > 50_000, "planned " + planned);
    }
}

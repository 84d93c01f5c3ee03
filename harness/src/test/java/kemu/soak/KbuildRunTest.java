package kemu.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintStream;
import java.util.List;
import java.util.Set;
import kemu.report.RunReport;
import kemu.report.Verdict;
import kemu.trace.Traces;
import kemu.workload.Kbuild;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The bundled build under memory pressure, with readers that can be preempted, with stacks that move, and tools that
 * fork.
 */
class KbuildRunTest {
    private static final PrintStream QUIET = new PrintStream(PrintStream.nullOutputStream());

    @ParameterizedTest
    @CsvSource({"sched, false, false, false", "preempt, false, false, true", "preempt, true, true, false"})
    void shouldPassWhenLookupIsSound(String rcu, boolean vforkCopies, boolean pollBeforeLocks, boolean moveStacks)
            throws Exception {
        RunConfig config = new RunConfig(
                "kbuild",
                2,
                20L << 20,
                128L << 20,
                1,
                "root-recheck",
                "mmap-sem",
                "with-barrier",
                moveStacks ? 20 : 0,
                "off",
                0,
                moveStacks ? "always" : "never",
                moveStacks,
                moveStacks ? 2_000 : 0,
                "debug",
                true,
                rcu,
                pollBeforeLocks,
                0,
                Set.of(),
                Measured.LATENCIES,
                List.of(),
                null);
        RunSession session = new RunSession(config, QUIET);
        RunReport report =
                session.run((kernel, counts) -> new Kbuild(kernel, counts, Traces.bundled(), 2, 1, false, vforkCopies));
        assertEquals(Verdict.PASS, report.verdict(), report.failure());
        assertEquals(144L, report.value("processes"));
        assertEquals(rcu, report.value("rcu"));
        assertEquals(pollBeforeLocks ? "on" : null, report.value("poll_before_locks"));
        assertEquals(moveStacks ? "on" : null, report.value("move_stacks"));
        assertEquals(pollBeforeLocks, report.summary().contains(" poll_before_locks=on"));
        assertEquals(vforkCopies ? "copy" : "share", report.value("vfork"));
        assertTrue((long) report.value("pswpout") > 0, "no memory pressure");
    }
}

package kemu.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintStream;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import kemu.report.RunReport;
import kemu.report.Verdict;
import kemu.workload.ForkStorm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A PASS says that the work was done. */
class LostWorkTest {
    private static RunReport reportOf(LostWork lost, Set<LostWork> allowed) {
        RunReport report = new RunReport("run", "test");
        for (LostWork one : LostWork.values()) {
            report.put(one.key(), one == lost ? 3L : 0L);
        }
        LostWork.judge(report, allowed);
        return report;
    }

    @ParameterizedTest
    @EnumSource
    void shouldTakeThePassAwayUnlessAllowed(LostWork lost) {
        RunReport report = reportOf(lost, EnumSet.complementOf(EnumSet.of(lost)));
        boolean violation = lost == LostWork.RCU_STALLS;
        assertEquals(violation ? Verdict.FAIL : Verdict.UNKNOWN, report.verdict());
        assertEquals(violation ? "rcu-stalls" : "lost-work", report.kind());
        if (!violation) {
            assertTrue(report.text().contains(lost.key() + "=3"), report.text());
            assertTrue(report.text().contains("--allow " + lost.option() + ")"), report.text());
        }
        assertEquals(
                Verdict.PASS,
                reportOf(lost, LostWork.byOptions(List.of(lost.option()))).verdict());
    }

    /** A parent that is larger than memory and swap together is killed before it forks. */
    private static RunReport stormWithoutRoom(Set<LostWork> allowed) throws IOException {
        RunConfig config = new RunConfig(
                "forkstorm",
                1,
                8L << 20,
                0,
                1,
                "root-recheck",
                "mmap-sem",
                "with-barrier",
                0,
                "off",
                0,
                "never",
                false,
                0,
                "ticket",
                true,
                "sched",
                false,
                0,
                allowed,
                Measured.LATENCIES,
                List.of(),
                null);
        RunSession session = new RunSession(config, new PrintStream(PrintStream.nullOutputStream()));
        return session.run((kernel, counts) -> new ForkStorm(kernel, counts, new ForkStorm.Shape(40, 100, 4, 1), 10));
    }

    @Test
    void shouldNotPassWhenTheParentIsKilled() throws IOException {
        RunReport report = stormWithoutRoom(Set.of());
        assertEquals(Verdict.UNKNOWN, report.verdict(), report.text());
        assertEquals("lost-work", report.kind());
        assertEquals(1L, report.value("oom_kills"));
        assertEquals(1L, report.value("gave_up"));
        assertEquals(10L, report.value("skipped"));
        assertEquals(0L, report.value("swap_bytes"));
    }

    @Test
    void shouldNotPassWhenNothingWasDoneWhateverIsAllowed() throws IOException {
        RunReport report = stormWithoutRoom(EnumSet.allOf(LostWork.class));
        assertEquals("nothing-done", report.kind(), report.text());
        assertEquals(Verdict.UNKNOWN, report.verdict());
    }
}

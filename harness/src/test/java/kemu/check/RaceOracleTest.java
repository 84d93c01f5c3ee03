package kemu.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result;
import kemu.hw.mem.FailureKind;
import org.junit.jupiter.api.Test;

class RaceOracleTest {
    private static Check check(String... weakened) {
        return new Check(new Subject("rmap-hang-child", "root-recheck", "ticket", MemoryModel.WEAK, List.of(weakened)));
    }

    private static Result explore(Check check, int executions) {
        return check.explore("random", 1, executions, () -> Long.MAX_VALUE);
    }

    @Test
    void shouldBeSilentOnACorrectStrategy() {
        try (Check check = check()) {
            assertEquals(Result.Verdict.UNKNOWN, explore(check, 100).verdict());
        }
    }

    @Test
    void shouldReportARaceWithBothStacksWhenUnlockReleasesNothing() {
        try (Check check = check("ticket.UNLOCK:release")) {
            Result found = explore(check, 500);
            assertEquals(Result.Verdict.FAIL, found.verdict());
            assertEquals(FailureKind.DATA_RACE, found.kind());
            Result explained = check.explain(check.schedule(found, 1));
            String report = explained.failure().getMessage();
            assertEquals(found.stateHash(), explained.stateHash());
            assertTrue(report.startsWith("BUG: KCSAN: data-race in "), report);
            assertTrue(report.contains("Scene.pageReferenced"), report);
            assertTrue(report.contains("Scene.exit"), report);
            assertTrue(report.contains("by task 2 on cpu 0:") && report.contains("by task 3 on cpu 1:"), report);
            assertTrue(check.notes().get(0).startsWith("BUG: KCSAN: data-race"));
        }
    }
}

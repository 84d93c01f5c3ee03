package kemu.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import kemu.check.matrix.Cell;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result.Verdict;
import kemu.hw.mem.FailureKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Broken scenes convict nobody, and what a disarmed oracle would have found is missed. */
class JudgementTest {
    private static final Expectation RACES = Expectation.fails(FailureKind.DATA_RACE);

    private static Cell.Status status(Expectation expected, Judgement found) {
        Subject subject = new Subject("canary", "race", "ticket", MemoryModel.SC, List.of());
        return Cell.of(subject, expected, found, null).status();
    }

    @ParameterizedTest
    @CsvSource({"broken-build, no scene today", "broken-task, a premise of the task", "broken-end, a premise of the end"
    })
    void shouldConvictNobodyOfABrokenScene(String variant, String reason) {
        Judgement found = Cells.judge(new Canary(), variant, null);
        assertEquals(Verdict.UNKNOWN, found.verdict());
        assertNull(found.kind());
        assertTrue(found.broken() && found.reason().endsWith(reason), found.reason());
        assertEquals(Cell.Status.BROKEN, status(RACES, found));
        assertEquals(Cell.Status.BROKEN, status(Expectation.HOLDS, found));
    }

    @Test
    void shouldHoldASceneThatTheAuditFailsBeforeAnythingRanForBroken() {
        Judgement found = Cells.judge(new Canary(), "broken-audit", null);
        assertTrue(found.broken() && found.reason().contains("before anything ran"), found.reason());
    }

    @Test
    void shouldConvictByOraclesAndByTheScenarioItself() {
        assertEquals(Verdict.PASS, Cells.judge(new Canary(), "holds", null).verdict());
        assertEquals(
                FailureKind.DATA_RACE, Cells.judge(new Canary(), "race", null).kind());
        assertEquals(
                FailureKind.ACCOUNTING, Cells.judge(new Canary(), "leak", null).kind());
        assertEquals(FailureKind.LEAK, Cells.judge(new Canary(), "own", null).kind());
    }

    @Test
    void shouldTakeAnAccidentOfJavaCodeForNoConviction() {
        assertThrows(IllegalStateException.class, () -> Cells.judge(new Canary(), "accident", null));
    }

    @Test
    void shouldDifferWhenAnOracleIsDisarmed() {
        Judgement armed = Cells.judge(new Canary(), "race", null);
        assertEquals(Cell.Status.AS_EXPECTED, status(RACES, armed));
        assertEquals(Cell.Status.KIND_DIFFERS, status(Expectation.fails(FailureKind.HANG), armed));
        Judgement disarmed = Cells.judge(new Canary(), "race", RaceOracle.class);
        assertEquals(Cell.Status.DIFFERS, status(RACES, disarmed));
        assertEquals(
                Cell.Status.DIFFERS,
                status(Expectation.fails(FailureKind.ACCOUNTING), Cells.judge(new Canary(), "leak", MmOracle.class)));
    }

    @ParameterizedTest
    @CsvSource({
        "rmap-prepare-nolock, not-locked, kemu.check.RaceOracle",
        "rmap-root-order, oldest-first-not-pinned, kemu.check.MmOracle",
        "rmap-no-typesafe, plain-refcount, kemu.check.SlabOracle"
    })
    void shouldNotFindTheExpectedKindInTheMatrixWhenItsOracleIsDisarmed(
            String scenario, String variant, Class<? extends Oracle> oracle) {
        Scenario one = Scenarios.byName(scenario);
        Expectation expected = Expected.of(Subject.of(scenario, variant, MemoryModel.SC));
        assertEquals(Cell.Status.AS_EXPECTED, status(expected, Cells.judge(one, variant, null)));
        Judgement disarmed = Cells.judge(one, variant, oracle);
        assertFalse(disarmed.broken());
        assertTrue(
                disarmed.differsFrom(expected) || disarmed.kindDiffersFrom(expected),
                () -> disarmed.verdict() + " " + disarmed.kind());
    }
}

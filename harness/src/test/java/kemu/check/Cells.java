package kemu.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result;

/** Runs cells of the matrix in tests, and holds them to the one table. */
public final class Cells {
    private Cells() {}

    /** Covers {@code scenario} with {@code variant} on {@code model}: verdict and kind are those of the table. */
    public static void assertAsExpected(String scenario, String variant, MemoryModel model, long mostExecutions) {
        try (Check check = new Check(Subject.of(scenario, variant, model))) {
            Result result = check.explore("exhaustive", 1, mostExecutions, () -> 1);
            assertAsExpected(check.subject(), result);
        }
    }

    /** Holds {@code result} to what is expected of {@code subject}. */
    public static void assertAsExpected(Subject subject, Result result) {
        Judgement found = Judgement.of(subject, result);
        Expectation expected = Expected.of(subject);
        String told = found.kind() + " " + found.reason() + " " + result.failure();
        assertEquals(expected.verdict(), found.verdict(), told);
        assertFalse(found.kindDiffersFrom(expected), () -> "expected " + expected + ", found " + told);
    }

    /** What {@code scenario}, which need not be listed, comes to. */
    static Judgement judge(Scenario scenario, String variant, Class<? extends Oracle> disarmed) {
        Subject subject = Subject.of(scenario.name(), variant, MemoryModel.SC);
        Oracles oracles = Oracles.of(scenario, variant);
        try (Check check = new Check(subject, scenario, disarmed == null ? oracles : oracles.without(disarmed))) {
            return Judgement.of(subject, check.explore("exhaustive", 1, 20_000, () -> 1));
        } catch (SceneBroken broken) {
            return Judgement.of(broken);
        }
    }
}

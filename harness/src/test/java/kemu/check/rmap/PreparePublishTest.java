package kemu.check.rmap;

import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.check.Cells;
import kemu.check.Check;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result;
import kemu.hw.explore.Result.Verdict;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PreparePublishTest {
    @ParameterizedTest
    @CsvSource({"published-plain, WEAK, pct", "found-by-address, ALPHA, random", "neighbour-plain, SC, exhaustive"})
    void shouldConvict(String variant, MemoryModel model, String search) {
        Subject subject = Subject.of("rmap-prepare-publish", variant, model);
        try (Check check = new Check(subject)) {
            Cells.assertAsExpected(subject, check.explore(search, 1, 5_000, () -> 1));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"release-acquire", "found-by-address"})
    void shouldFindNothingOnWeakHardwareThatHonoursDependencies(String variant) {
        try (Check check = new Check(Subject.of("rmap-prepare-publish", variant, MemoryModel.WEAK))) {
            Result result = check.explore("pct", 1, 2_000, () -> 1);
            assertTrue(result.verdict() != Verdict.FAIL, () -> String.valueOf(result.failure()));
        }
    }
}

package kemu.check.vma;

import static org.junit.jupiter.api.Assertions.assertNotEquals;

import kemu.check.Cells;
import kemu.check.Check;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Caches of threads that remember VMAs, where an exhaustive search would take too long. */
class CachedVmaTest {
    @ParameterizedTest
    @CsvSource({"spf-cache-v12, 3, 30000", "spf-cache-late, 1, 30000"})
    void shouldFindThatAFreedVmaIsReturnedIfTheOrderIsWrong(String variant, long seed, int most) {
        Subject subject = Subject.of("vma-cache-flood", variant, MemoryModel.SC);
        try (Check check = new Check(subject)) {
            Cells.assertAsExpected(subject, check.explore("pct", seed, most, () -> 1));
        }
    }

    @Test
    void shouldNotFindOneIfTheOrderIsRight() {
        try (Check check = new Check(Subject.of("vma-cache-flood", "spf", MemoryModel.SC))) {
            Result result = check.explore("pct", 3, 3000, () -> 1);
            assertNotEquals(Result.Verdict.FAIL, result.verdict(), String.valueOf(result.failure()));
        }
    }
}

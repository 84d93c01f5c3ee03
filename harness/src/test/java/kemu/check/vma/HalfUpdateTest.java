package kemu.check.vma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.check.Cells;
import kemu.check.Check;
import kemu.check.Expected;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result;
import kemu.hw.explore.Result.Verdict;
import kemu.hw.mem.FailureKind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HalfUpdateTest {
    private static final long ENOUGH = 30_000;

    @ParameterizedTest
    @ValueSource(strings = {"per-vma-lock-relaxed", "per-vma-lock-acquire", "per-vma-lock", "per-vma-refcount"})
    void shouldSeeHalfAnUpdateOnWeakOnly(String variant) {
        Subject weak = Subject.of("vma-lock-seq", variant, MemoryModel.WEAK);
        try (Check check = new Check(weak)) {
            Cells.assertAsExpected(weak, check.explore("exhaustive", 1, ENOUGH, () -> 1));
        }
        if (Expected.of(weak).verdict() == Verdict.FAIL) {
            Subject tso = Subject.of("vma-lock-seq", variant, MemoryModel.TSO);
            Cells.assertAsExpected("vma-lock-seq", variant, MemoryModel.TSO, ENOUGH);
            assertNotNull(Expected.remark(tso));
            assertTrue(Expected.remark(tso).contains("on tso"));
        }
    }

    /** No fair search is needed where nobody is left who could end the loop. */
    @ParameterizedTest
    @ValueSource(strings = {"SC", "TSO"})
    void shouldConvictALoopThatNobodyCanEnd(MemoryModel model) {
        Subject subject = Subject.of("vma-lock-anon-vma", "per-vma-lock-retry", model);
        try (Check check = new Check(subject)) {
            Result result = check.explore("exhaustive", 1, ENOUGH, () -> 1);
            assertEquals(FailureKind.LIVELOCK, result.kind());
            assertTrue(result.alone());
        }
    }
}

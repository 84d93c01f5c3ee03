package kemu.check.swap;

import static org.junit.jupiter.api.Assertions.assertNotEquals;

import kemu.check.Cells;
import kemu.check.Check;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result;
import kemu.hw.mem.FailureKind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Swap-in past the swap cache: what it loses without a pin, and who waits for whom with one. */
class SkipCacheTest {
    private static final long ENOUGH = 60_000;
    private static final int DEVIATIONS = 2;

    @ParameterizedTest
    @ValueSource(strings = {"direct", "direct-unpinned", "direct-one-user", "direct-one-cpu", "direct-spins"})
    void shouldFindWhatIsExpectedWithinTheBound(String variant) {
        Subject subject = Subject.of("swap-skip-cache", variant, MemoryModel.SC);
        try (Check check = new Check(subject)) {
            Cells.assertAsExpected(subject, check.exploreWithin(DEVIATIONS, ENOUGH, () -> 1));
        }
    }

    /** The loop's own stores, which come to memory meanwhile, are no company. */
    @ParameterizedTest
    @ValueSource(strings = {"TSO", "WEAK"})
    void shouldConvictWhoSpinsWithBuffersToo(MemoryModel model) {
        Subject subject = Subject.of("swap-skip-cache", "direct-spins", model);
        try (Check check = new Check(subject)) {
            Cells.assertAsExpected(subject, check.exploreWithin(DEVIATIONS, ENOUGH, () -> 1));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SC", "TSO", "WEAK"})
    void shouldLoseNoWriteThroughTheCache(MemoryModel model) {
        try (Check check = new Check(Subject.of("swap-through-cache", "cached", model))) {
            Result result = check.explore("random", 1, 500, () -> 1);
            // On tso it may be told that memory is out: see the scenario.
            assertNotEquals(FailureKind.USER_MEMORY, result.kind(), String.valueOf(result.failure()));
        }
    }
}

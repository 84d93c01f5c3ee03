package kemu.check;

import static org.junit.jupiter.api.Assertions.assertEquals;

import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An exhaustive search must find an access to freed memory though no word tells who came first. */
class FreeIsAStoreTest {
    @ParameterizedTest
    @ValueSource(strings = {"SC", "TSO"})
    void shouldFindTheLockOfAPageThatIsFreed(MemoryModel model) {
        try (Check check = new Check(Subject.of("rmap-no-mapped-test", "no-mapped-test", model))) {
            Result result = check.explore("exhaustive", 1, 2_000, () -> 1);
            assertEquals(Result.Verdict.FAIL, result.verdict());
        }
    }
}

package kemu.check.rmap;

import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.List;
import kemu.check.Check;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All locks of an address space where those of anon_vmas sleep: too many interleavings to cover. */
class AllLocksTest {
    @ParameterizedTest
    @ValueSource(strings = {"SC", "TSO", "WEAK"})
    void shouldTakeLocksThatSleepAsWell(MemoryModel model) {
        AllLocks scenario = new AllLocks(List.of("root-rwsem"));
        try (Check check = new Check(Subject.of(scenario.name(), "root-rwsem", model), scenario)) {
            Result result = check.explore("random", 1, 200, () -> 1);
            assertNotEquals(Result.Verdict.FAIL, result.verdict(), String.valueOf(result.failure()));
        }
    }
}

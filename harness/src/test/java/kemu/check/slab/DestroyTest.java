package kemu.check.slab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.check.Check;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Destroying a cache whose objects wait for a grace period each, and their slab for one more: two rcu_barriers. */
class DestroyTest {
    private static Subject waiting(String variant) {
        return Subject.of("slab-destroy", variant, MemoryModel.SC).withSlabReuse("object-rcu");
    }

    @ParameterizedTest
    @ValueSource(strings = {"exhaustive", "random", "pct", "pos"})
    void shouldNotWaitForEverInTheSecondBarrier(String search) {
        try (Check check = new Check(waiting("rcu-barrier"))) {
            Result result = check.explore(search, 1, 300, () -> 1);
            assertNotEquals(Result.Verdict.FAIL, result.verdict(), String.valueOf(result.failure()));
            if (search.equals("exhaustive")) {
                assertEquals(Result.Verdict.PASS, result.verdict());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"synchronize-rcu", "nothing"})
    void shouldStillConvictWhoDoesNotWaitForCallbacks(String variant) {
        try (Check check = new Check(waiting(variant))) {
            Result result = check.explore("exhaustive", 1, 300, () -> 1);
            assertEquals(Result.Verdict.FAIL, result.verdict());
            String message = result.failure().getMessage();
            assertTrue(message.contains("rcu_free_slab of a cache that is destroyed"), message);
        }
    }
}

package kemu.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.check.scenario.Subject;
import kemu.hw.cache.CacheEvent;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Counting what accesses cost names the field that bounces, and changes nothing of what is explored. */
class CacheCountsTest {
    private static final long ENOUGH = 200;

    @ParameterizedTest
    @ValueSource(strings = {"TSO", "WEAK"})
    void shouldNameTheLockThatBouncesAndExploreTheSame(MemoryModel model) {
        Subject subject = Subject.of("rmap-hang-child", "root-recheck", model);
        try (Check plain = new Check(subject);
                Check counted = new Check(subject)) {
            counted.countCaches();
            assertNull(plain.cacheCounts());
            Result expected = plain.explore("random", 1, ENOUGH, () -> 1);
            Result found = counted.explore("random", 1, ENOUGH, () -> 1);
            assertEquals(expected.executions(), found.executions());
            assertEquals(expected.steps(), found.steps());
            assertEquals(expected.states(), found.states());
            CacheCounts caches = counted.cacheCounts();
            CacheCounts.Field lock = caches.hottest().stream()
                    .filter(field -> field.name().matches("anon_vma 0x[0-9a-f]+->lock\\.head .*"))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(caches.hottest()));
            assertTrue(lock.bounces() > ENOUGH / 2, caches.hottest()::toString);
            assertTrue(caches.total(CacheEvent.HIT) > 0 && caches.total(CacheEvent.TRANSFER) > 0, caches::summary);
            assertTrue(caches.total(CacheEvent.INVALIDATED) > 0, caches::summary);
        }
    }
}

package kemu.mm.rmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.Predicate;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Dpor;
import kemu.hw.explore.RandomWalk;
import kemu.hw.explore.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lookups known to be bad must be found guilty, by what they do to locks and by the hang that users saw. */
class KnownBadConvictedTest {
    /** About one seed in eight convicts; all of these missing has a chance of one in 10^11. */
    private static final int SEEDS = 200;

    /** Runs seed after seed until a failure is {@code wanted}; says how many it took if none is. */
    private static void seedsUntil(String spinLock, Predicate<String> wanted) {
        StringBuilder others = new StringBuilder();
        for (int seed = 0; seed < SEEDS; seed++) {
            try (MmLab lab = MmLab.boot("emu", 3, seed, "root-reread", spinLock)) {
                new LookupStorm(lab, 1, 30, seed, true).run();
            } catch (RuntimeException failure) {
                String message = String.valueOf(failure.getMessage());
                if (wanted.test(message)) {
                    return;
                }
                others.append(seed)
                        .append(": ")
                        .append(message.lines().findFirst().orElse(""))
                        .append('\n');
            }
        }
        throw new AssertionError(
                "not convicted by " + SEEDS + " seeds with " + spinLock + "; other failures:\n" + others);
    }

    @Test
    void shouldUnlockAnotherLockWhenAnonVmaIsReused() {
        seedsUntil("debug", message -> message.contains("wrong owner") || message.contains("already unlocked"));
    }

    @Test
    void shouldHangOnTicketLocks() {
        seedsUntil("ticket", message -> message.contains("lockup") && message.contains("anon_vma->lock"));
    }

    /** Too narrow a window for the storm: the slot must be freed between two locks. */
    @Test
    void shouldHangWhenOnlyLookersTakeTheOwnLock() {
        try (HangChildScene scene = new HangChildScene("own-lock-first-naive", MemoryModel.SC)) {
            Result result = scene.explorer.explore(new RandomWalk(1), 100_000, () -> 1);
            assertEquals(Result.Verdict.FAIL, result.verdict());
            assertTrue(result.failure().getMessage().contains("anon_vma"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "local-lock",
                "own-lock-first",
                "refcount",
                "root-rwsem-revalidate",
                "object-rcu",
                "no-mapped-test"
            })
    void shouldNotHangWhenNothingIsReadTwice(String anonVma) {
        try (HangChildScene scene = new HangChildScene(anonVma, MemoryModel.SC)) {
            Result result = scene.explorer.explore(new Dpor(), 100_000, () -> 1);
            assertEquals(Result.Verdict.PASS, result.verdict(), String.valueOf(result.failure()));
        }
    }
}

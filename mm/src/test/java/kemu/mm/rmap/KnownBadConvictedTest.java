package kemu.mm.rmap;

import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Lookups known to be bad must be found guilty, by what they do to locks and by the hang that users saw. */
class KnownBadConvictedTest {
    /** About one seed in eight convicts; all of these missing has a chance of one in 10^11. */
    private static final int SEEDS = 200;

    /** Runs seed after seed until a failure is {@code wanted}; says how many it took if none is. */
    private static void seedsUntil(String anonVma, String spinLock, Predicate<String> wanted) {
        StringBuilder others = new StringBuilder();
        for (int seed = 0; seed < SEEDS; seed++) {
            try (MmLab lab = MmLab.boot("emu", 3, seed, anonVma, spinLock)) {
                new LookupStorm(lab, 1, 30, seed).run();
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
        seedsUntil(
                "root-reread", "debug", message -> message.contains("wrong owner") || message.contains("already unlocked"));
    }

    @Test
    void shouldHangOnTicketLocks() {
        seedsUntil(
                "root-reread", "ticket", message -> message.contains("lockup") && message.contains("anon_vma->lock"));
    }

    @Test
    void shouldUnlockAnotherLockWhenOnlyLookersTakeTheOwnLock() {
        seedsUntil(
                "own-lock-first-naive",
                "debug",
                message -> message.contains("wrong owner") || message.contains("already unlocked"));
    }
}

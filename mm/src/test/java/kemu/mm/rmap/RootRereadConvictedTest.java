package kemu.mm.rmap;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** The lookup of 2.6.36-rc2 must be found guilty, by what it does to locks and by the hang that users saw. */
class RootRereadConvictedTest {
    private static final int SEEDS = 400;

    /** The number of seeds it took until a failure was {@code wanted}. */
    private static int seedsUntil(String spinLock, Predicate<String> wanted) {
        StringBuilder others = new StringBuilder();
        for (int seed = 0; seed < SEEDS; seed++) {
            try (MmLab lab = MmLab.boot("emu", 3, seed, "root-reread", spinLock)) {
                new LookupStorm(lab, 1, 30, seed).run();
            } catch (RuntimeException failure) {
                String message = String.valueOf(failure.getMessage());
                if (wanted.test(message)) {
                    System.out.println(spinLock + " seed " + seed + ": " + message.lines().findFirst().orElse(""));
                    return seed + 1;
                }
                others.append(seed).append(": ").append(message.lines().findFirst().orElse("")).append('\n');
            }
        }
        throw new AssertionError("not convicted by " + SEEDS + " seeds with " + spinLock + "; other failures:\n" + others);
    }

    @Test
    void shouldUnlockAnotherLockWhenAnonVmaIsReused() {
        int seeds = seedsUntil("debug", message -> message.contains("wrong owner") || message.contains("already unlocked"));
        assertTrue(seeds <= SEEDS, "seeds: " + seeds);
    }

    @Test
    void shouldHangOnTicketLocks() {
        int seeds = seedsUntil("ticket", message -> message.contains("lockup") || message.contains("INFO: tasks and locks"));
        assertTrue(seeds <= SEEDS, "seeds: " + seeds);
    }
}

package kemu.mm.rmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Dpor;
import kemu.hw.explore.Pct;
import kemu.hw.explore.Pos;
import kemu.hw.explore.RandomWalk;
import kemu.hw.explore.Result;
import kemu.hw.explore.Scheduler;
import kemu.hw.explore.Shrinker;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The hang of 2.6.36-rc2 in the booted kernel: found under the old lookup, excluded under the fixed one. */
class HangChildTest {
    private static final long MANY = 100_000;

    private static Scheduler scheduler(String search, long seed) {
        return switch (search) {
            case "random" -> new RandomWalk(seed);
            case "pct" -> new Pct(seed, 4);
            case "pos" -> new Pos(seed);
            default -> new Dpor();
        };
    }

    @ParameterizedTest
    @CsvSource({
        "random,SC",
        "pct,SC",
        "pos,SC",
        "exhaustive,SC",
        "random,TSO",
        "pct,TSO",
        "exhaustive,TSO",
        "random,WEAK",
        "pct,WEAK",
        "random,ALPHA"
    })
    void shouldFindTheHangAndReplayItWhenTheRootIsReadTwice(String search, MemoryModel model) {
        try (HangChildScene scene = new HangChildScene("root-reread", model)) {
            Result found = scene.explorer.explore(scheduler(search, 1), MANY, () -> 1);
            assertEquals(Result.Verdict.FAIL, found.verdict());
            assertTrue(
                    found.failure().getMessage().contains("anon_vma"),
                    found.failure().getMessage());
            for (int i = 0; i < 2; i++) {
                Result again = scene.explorer.replay(found.trail(), found.pollsAreSteps());
                assertEquals(found.outcome(), again.outcome());
                assertEquals(found.stateHash(), again.stateHash());
                assertEquals(found.failure().getMessage(), again.failure().getMessage());
            }
            Result small = new Shrinker(scene.explorer).shrink(found, 5_000);
            int switches = Shrinker.switches(
                    small.trail(), scene.explorer.exploration().lanes());
            // Look at the page and the root; exit and fault; lock, walk and unlock; and the victim.
            assertTrue(switches <= 3, "switches " + switches);
        }
        try (HangChildScene scene = new HangChildScene("root-reread", model)) {
            Result found = scene.explorer.explore(scheduler(search, 1), MANY, () -> 1);
            try (HangChildScene other = new HangChildScene("root-reread", model)) {
                Result again = other.explorer.replay(found.trail(), found.pollsAreSteps());
                assertEquals(found.stateHash(), again.stateHash(), "on another machine");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"root-recheck,SC", "root-recheck,TSO", "root-rwsem,SC"})
    void shouldCoverAllInterleavingsWhenTheLookupIsSound(String anonVma, MemoryModel model) {
        try (HangChildScene scene = new HangChildScene(anonVma, model)) {
            Result result = scene.explorer.explore(new Dpor(), MANY, () -> 1);
            assertEquals(Result.Verdict.PASS, result.verdict(), String.valueOf(result.failure()));
        }
    }

    @Test
    void shouldNotSayPassWhenTheBudgetIsSpent() {
        try (HangChildScene scene = new HangChildScene("root-recheck", MemoryModel.SC)) {
            Result result = scene.explorer.explore(new Dpor(), 10, () -> 1);
            assertEquals(Result.Verdict.UNKNOWN, result.verdict());
            assertEquals(10, result.executions());
            assertEquals(
                    Result.Verdict.UNKNOWN,
                    scene.explorer.explore(new RandomWalk(1), 100, () -> 1).verdict());
        }
    }
}

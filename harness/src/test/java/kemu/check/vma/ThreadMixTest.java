package kemu.check.vma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import kemu.check.Check;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result;
import kemu.mm.vma.lookup.VmaLookups;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Threads that draw their calls: sound lookups pass what is sampled, others do not. */
class ThreadMixTest {
    private static final int FEW = 60;

    private static List<String> sound() {
        return new ThreadMix().variants();
    }

    private static Result explore(ThreadMix scene, String lookup, MemoryModel model, long most) {
        try (Check check = new Check(Subject.of(scene.name(), lookup, model), scene)) {
            return check.explore("random", 1, most, () -> 1);
        }
    }

    @ParameterizedTest
    @MethodSource("sound")
    void shouldFindNothingWrong(String lookup) {
        for (MemoryModel model : List.of(MemoryModel.SC, MemoryModel.TSO, MemoryModel.WEAK)) {
            Result result = explore(new ThreadMix(), lookup, model, FEW);
            assertEquals(Result.Verdict.UNKNOWN, result.verdict(), () -> model + ": " + result.failure());
            // Other calls in each: hardly two executions end alike.
            assertTrue(result.states() > FEW / 2, () -> result.states() + " states");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"spf-zap", "spf-put-now", "spf-irq-deadlock"})
    void shouldConvict(String lookup) {
        assertTrue(VmaLookups.byName(lookup).knownBad());
        Result result = explore(new ThreadMix(List.of(lookup)), lookup, MemoryModel.SC, 5_000);
        assertEquals(Result.Verdict.FAIL, result.verdict());
    }

    @Test
    void shouldDrawTheSameFromTheSameSeed() {
        Result one = explore(new ThreadMix(), "spf", MemoryModel.WEAK, 10);
        Result other = explore(new ThreadMix(), "spf", MemoryModel.WEAK, 10);
        assertEquals(one.stateHash(), other.stateHash());
        assertEquals(one.steps(), other.steps());
    }
}

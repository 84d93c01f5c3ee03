package kemu.hw.explore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import kemu.hw.cache.MemoryModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A bounded search covers what its bound says, and says it. */
class BoundedTest {
    private static TinyProgram.Step step(int op, int word, int value) {
        return new TinyProgram.Step(op, word, value);
    }

    @ParameterizedTest
    @CsvSource({
        "2, 6, SC, 1, 150",
        "2, 5, SC, 2, 150",
        "3, 3, SC, 2, 100",
        "2, 4, TSO, 1, 100",
        "2, 3, TSO, 2, 100",
        "2, 3, WEAK, 2, 100",
        "3, 2, WEAK, 1, 60"
    })
    void shouldReachTheSameStatesWhenDeviationsAreTriedOnlyBeforeSharedWords(
            int cpus, int most, MemoryModel model, int bound, int programs) {
        long all = 0;
        long reduced = 0;
        for (int seed = 0; seed < programs; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            try (TinyProgram program = TinyProgram.random(random, cpus, most, model)) {
                TinyProgram.Found full = program.search(new Bounded(bound, false), 200_000);
                TinyProgram.Found found = program.search(new Bounded(bound), 200_000);
                assertEquals(full.states(), found.states(), "seed " + seed + ": " + program);
                all += full.executions();
                reduced += found.executions();
            }
        }
        assertTrue(reduced < all, reduced + " of " + all);
    }

    @ParameterizedTest
    @CsvSource({"2, 3, SC", "2, 2, TSO", "2, 2, WEAK"})
    void shouldReachEverythingWithEnoughDeviations(int cpus, int most, MemoryModel model) {
        for (int seed = 0; seed < 60; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            try (TinyProgram program = TinyProgram.random(random, cpus, most, model)) {
                TinyProgram.Found full = program.search(new AllInterleavings(), 200_000);
                Bounded bounded = new Bounded(30);
                TinyProgram.Found found = program.search(bounded, 2_000_000);
                assertEquals(full.states(), found.states(), "seed " + seed + ": " + program);
                assertEquals("", bounded.bounds());
            }
        }
    }

    /** Message passing: flag seen, data not: on weak, by letting the flag out before the data. */
    private static int states(MemoryModel model, int bound) {
        List<TinyProgram.Step> writer = List.of(step(TinyProgram.STORE, 0, 1), step(TinyProgram.STORE, 1, 1));
        List<TinyProgram.Step> reader = List.of(step(TinyProgram.LOAD, 1, 0), step(TinyProgram.LOAD, 0, 0));
        try (TinyProgram program = new TinyProgram(List.of(writer, reader), model)) {
            return program.search(new Bounded(bound), 100_000).states().size();
        }
    }

    @Test
    void shouldShowMoreWithMoreDeviations() {
        assertEquals(4, states(MemoryModel.WEAK, 2));
        assertEquals(3, states(MemoryModel.TSO, 3));
        assertEquals(3, states(MemoryModel.SC, 3));
        assertTrue(states(MemoryModel.WEAK, 0) < 4);
    }
}

package kemu.hw.explore.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.graph.WeakProgram.Op;
import kemu.hw.explore.graph.WeakProgram.Step;
import kemu.hw.order.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The search by reads loses no state in which a program can end: the argument that PASS means something on weak. */
class ReadsFromTest {
    private static final int MOST_STATES = 60_000;

    @ParameterizedTest
    @CsvSource({
        "2, 3, WEAK, 400, HIGH_LOAD",
        "2, 4, WEAK, 200, HIGH_LOAD",
        "3, 2, WEAK, 150, HIGH_LOAD",
        "3, 3, WEAK, 40, HIGH_LOAD",
        "2, 3, ALPHA, 150, HIGH_LOAD",
        // Words that are stored whole, and loaded and stored in halves.
        "2, 3, WEAK, 400, WIDE_LOAD",
        "2, 4, WEAK, 200, WIDE_LOAD",
        "3, 2, WEAK, 150, WIDE_LOAD",
        "2, 3, ALPHA, 150, WIDE_LOAD",
    })
    void shouldReachEveryFinalStateOfRandomPrograms(int cpus, int most, MemoryModel model, int programs, Op before) {
        long executions = 0;
        int checked = 0;
        for (int seed = 0; seed < programs; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            try (WeakProgram program = WeakProgram.random(random, cpus, most, before.ordinal(), model)) {
                EveryState all = new EveryState(program.machine, program.exploration, MOST_STATES);
                WeakProgram.Found full = program.search(all);
                if (!all.complete()) {
                    continue;
                }
                ReadsFrom search = new ReadsFrom(program.machine, program.exploration);
                WeakProgram.Found found = program.search(search);
                assertNull(search.trouble(), "seed " + seed + ": " + program);
                assertEquals(full.states(), found.states(), "seed " + seed + ": " + program);
                executions += found.executions();
                checked++;
            }
        }
        System.err.println(checked + " programs on " + model + ", " + executions + " executions");
        assertTrue(checked > programs / 2);
    }

    /** Whatever it does not know it says. */
    @Test
    void shouldLoseNothingOrGiveUpWhereWordsAreLoadedWholeAndInHalves() {
        int sure = 0;
        for (int seed = 0; seed < 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            try (WeakProgram program = WeakProgram.random(random, 2, 3, Op.values().length, MemoryModel.WEAK)) {
                EveryState all = new EveryState(program.machine, program.exploration, MOST_STATES);
                WeakProgram.Found full = program.search(all);
                ReadsFrom search = new ReadsFrom(program.machine, program.exploration);
                WeakProgram.Found found = program.search(search);
                assertTrue(full.states().containsAll(found.states()), "seed " + seed + ": " + program);
                if (all.complete() && search.exhaustive()) {
                    assertEquals(full.states(), found.states(), "seed " + seed + ": " + program);
                    sure++;
                }
            }
        }
        assertTrue(sure > 200, sure + " of 300");
    }

    private static Step step(Op op, int word) {
        return new Step(op, word, 1, Order.FULL);
    }

    private static int states(List<List<Step>> threads) {
        try (WeakProgram program = new WeakProgram(threads, MemoryModel.WEAK)) {
            ReadsFrom search = new ReadsFrom(program.machine, program.exploration);
            int states = program.search(search).states().size();
            assertNull(search.trouble());
            return states;
        }
    }

    /** Both loads see nothing, unless there are fences. */
    @Test
    void shouldShowStoreBuffering() {
        Step x = step(Op.STORE, 0);
        Step y = step(Op.STORE, 1);
        Step mb = step(Op.MB, 0);
        assertEquals(4, states(List.of(List.of(x, step(Op.LOAD, 1)), List.of(y, step(Op.LOAD, 0)))));
        assertEquals(3, states(List.of(List.of(x, mb, step(Op.LOAD, 1)), List.of(y, mb, step(Op.LOAD, 0)))));
    }

    /** The flag is seen and the data is not, unless both sides order. */
    @Test
    void shouldShowMessagePassing() {
        List<Step> loose = List.of(step(Op.STORE, 0), step(Op.STORE, 1));
        List<Step> release = List.of(step(Op.STORE, 0), step(Op.RELEASE, 1));
        List<Step> early = List.of(step(Op.LOAD, 1), step(Op.LOAD, 0));
        List<Step> acquire = List.of(step(Op.ACQUIRE, 1), step(Op.LOAD, 0));
        assertEquals(4, states(List.of(loose, early)));
        assertEquals(4, states(List.of(release, early)));
        assertEquals(4, states(List.of(loose, acquire)));
        assertEquals(3, states(List.of(release, acquire)));
    }

    /** No model of kemu shows load buffering. */
    @Test
    void shouldNotShowLoadBuffering() {
        assertEquals(
                3,
                states(List.of(
                        List.of(step(Op.LOAD, 0), step(Op.STORE, 1)), List.of(step(Op.LOAD, 1), step(Op.STORE, 0)))));
    }

    /** Two readers disagree on the order of two stores, unless their loads are ordered: memory is one. */
    @Test
    void shouldShowIndependentReads() {
        List<Step> x = List.of(step(Op.STORE, 0));
        List<Step> y = List.of(step(Op.STORE, 1));
        assertEquals(
                16,
                states(List.of(
                        x,
                        y,
                        List.of(step(Op.LOAD, 0), step(Op.LOAD, 1)),
                        List.of(step(Op.LOAD, 1), step(Op.LOAD, 0)))));
        assertEquals(
                15,
                states(List.of(
                        x,
                        y,
                        List.of(step(Op.ACQUIRE, 0), step(Op.LOAD, 1)),
                        List.of(step(Op.ACQUIRE, 1), step(Op.LOAD, 0)))));
    }

    /** A CPU never sees an older value of a word after a newer one, but every one in between. */
    @Test
    void shouldKeepOneWordInOrder() {
        List<Step> writer = List.of(step(Op.STORE, 0), new Step(Op.STORE, 0, 2, Order.FULL));
        assertEquals(6, states(List.of(writer, List.of(step(Op.LOAD, 0), step(Op.LOAD, 0)))));
    }

    /** Nothing is proved of a machine that does what the search does not know. */
    @Test
    void shouldGiveUpWhereTasksOfACpuPreemptEachOther() {
        try (WeakProgram program = WeakProgram.onOneCpu(
                List.of(List.of(step(Op.STORE, 0)), List.of(step(Op.LOAD, 0), step(Op.LOAD, 0))), MemoryModel.WEAK)) {
            ReadsFrom search = new ReadsFrom(program.machine, program.exploration);
            program.search(search);
            assertEquals("an interrupt ends a wait, or tasks of one CPU preempt each other", search.trouble());
            assertTrue(!search.exhaustive());
        }
    }

    /** Where it gives up, a walk looks further, and proves nothing. */
    @Test
    void shouldWalkOnWhereItGivesUp() {
        List<List<Step>> threads = List.of(List.of(step(Op.STORE, 0)), List.of(step(Op.LOAD, 0), step(Op.LOAD, 0)));
        try (WeakProgram program = WeakProgram.onOneCpu(threads, MemoryModel.WEAK)) {
            ReadsFromOrWalk search = new ReadsFromOrWalk(program.machine, program.exploration, 1);
            WeakProgram.Found found = program.search(search, 500);
            assertEquals(500, found.executions());
            assertEquals("an interrupt ends a wait, or tasks of one CPU preempt each other", search.trouble());
            assertTrue(!search.exhaustive() && search.fair());
            // The loads see the store both, the second one only, or neither; tasks may end in either order.
            assertTrue(found.states().size() >= 3, found.states().toString());
        }
    }

    /** Executions of a walk between those of a proof change nothing of it. */
    @Test
    void shouldProveAsMuchWithAWalkInBetween() {
        for (int seed = 0; seed < 60; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            try (WeakProgram program = WeakProgram.random(random, 2, 3, Op.WIDE_LOAD.ordinal(), MemoryModel.WEAK)) {
                WeakProgram.Found alone = program.search(new ReadsFrom(program.machine, program.exploration));
                ReadsFromOrWalk search = new ReadsFromOrWalk(program.machine, program.exploration, seed, 1);
                WeakProgram.Found both = program.search(search);
                assertNull(search.trouble());
                assertTrue(search.exhaustive());
                assertEquals(alone.states(), both.states(), "seed " + seed + ": " + program);
                assertTrue(alone.executions() < 2 || both.executions() > alone.executions());
            }
        }
    }
}

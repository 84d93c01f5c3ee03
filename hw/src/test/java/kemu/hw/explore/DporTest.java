package kemu.hw.explore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import kemu.hw.cache.MemoryModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The reduction loses no state in which a program can end: the argument that PASS means something. */
class DporTest {
    @ParameterizedTest
    @CsvSource({"2,6,SC,1500", "3,4,SC,1500", "4,2,SC,500", "2,4,TSO,1500", "3,2,TSO,800"})
    void shouldReachEveryFinalStateOfRandomPrograms(int cpus, int most, MemoryModel model, int programs) {
        long all = 0;
        long reduced = 0;
        long pruned = 0;
        int checked = 0;
        for (int seed = 0; seed < programs; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            try (TinyProgram program = TinyProgram.random(random, cpus, most, model)) {
                AllInterleavings everything = new AllInterleavings();
                TinyProgram.Found full = program.search(everything, 60_000);
                if (full == null) {
                    continue;
                }
                TinyProgram.Found found = program.search(new Dpor(), 100_000);
                assertEquals(full.states(), found.states(), "seed " + seed + ": " + program);
                assertEquals(
                        everything.traces.size(),
                        found.executions() - found.pruned(),
                        "every trace once: seed " + seed + ": " + program);
                all += full.executions();
                reduced += found.executions();
                pruned += found.pruned();
                checked++;
            }
        }
        System.err.println(
                checked + " programs, " + all + " interleavings, " + reduced + " explored, " + pruned + " pruned");
        assertTrue(checked > programs / 2 && reduced < all / 5);
    }

    @ParameterizedTest
    @CsvSource({"2, 1, 2, SC, 60", "3, 2, 1, SC, 30"})
    void shouldReachEveryFinalStateWhenTasksOfACpuPreemptEachOther(
            int threads, int cpus, int most, MemoryModel model, int programs) {
        long all = 0;
        long reduced = 0;
        int checked = 0;
        for (int seed = 0; seed < programs; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            try (TinyProgram program = new TinyProgram(TinyProgram.randomThreads(random, threads, most), model, cpus)) {
                TinyProgram.Found full = program.search(new AllInterleavings(), 20_000);
                if (full == null) {
                    continue;
                }
                TinyProgram.Found found = program.search(new Dpor(), 100_000);
                assertEquals(full.states(), found.states(), "seed " + seed + ": " + program);
                all += full.executions();
                reduced += found.executions();
                checked++;
            }
        }
        System.err.println(checked + " programs, " + all + " interleavings, " + reduced + " explored");
        assertTrue(checked > programs / 4 && reduced <= all);
    }

    /** All interleavings are too many there: drains of what the kernel's scheduler stores. */
    @Test
    void shouldReachWhatABoundedSearchReachesWhenTasksPreemptEachOtherOnTso() {
        for (int seed = 0; seed < 10; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            try (TinyProgram program = new TinyProgram(TinyProgram.randomThreads(random, 2, 2), MemoryModel.TSO, 1)) {
                TinyProgram.Found some = program.search(new Bounded(1), 100_000);
                TinyProgram.Found found = program.search(new Dpor(), 100_000);
                assertTrue(found.states().containsAll(some.states()), "seed " + seed + ": " + program);
            }
        }
    }
}

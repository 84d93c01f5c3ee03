package kemu.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.check.scenario.Violation;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.explore.Result;
import kemu.hw.explore.Schedule;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.page.Gfp;
import kemu.mm.slab.KmemCache;
import kemu.mm.slab.SlabAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link Scene#mayFail}: that one allocation fails is a choice of the explorer like any other. */
class InjectedFailureTest {
    private static final int OBJECTS = 3;

    private static Subject subject(MemoryModel model) {
        return Subject.of("allocates", "only", model);
    }

    /** Allocates a few objects, all or none; {@link #cleansUp} says whether a failure takes back the earlier ones. */
    private static final class Allocates extends OneVariant {
        private final boolean cleansUp;
        private final int upTo;
        /** Which of the allocations failed, of all executions. */
        private final Set<List<Integer>> failed = new HashSet<>();

        private List<Integer> now;

        Allocates(int upTo, boolean cleansUp) {
            super("allocates");
            this.upTo = upTo;
            this.cleansUp = cleansUp;
        }

        @Override
        public Consumer<Cpu> build(Kernel kernel, String variant) {
            Scene scene = new Scene(kernel);
            KmemCache cache =
                    kernel.slabs().create(scene.cpu(0), "of_test", Long.BYTES, 8, SlabAllocator.SLAB_PANIC, null);
            long before = cache.activeObjects(scene.cpu(0));
            scene.mayFail(1, upTo, cache);
            scene.task(0, "allocates", cpu -> now = allocate(cpu, cache));
            return cpu -> {
                failed.add(now);
                long left = cache.activeObjects(cpu) - before - (now.isEmpty() ? OBJECTS : 0);
                if (left != 0) {
                    throw new Violation(FailureKind.LEAK, "BUG: " + left + " objects are left");
                }
            };
        }

        private List<Integer> allocate(Cpu cpu, KmemCache cache) {
            Set<Integer> missing = new TreeSet<>();
            long[] objects = new long[OBJECTS];
            for (int i = 0; i < OBJECTS; i++) {
                objects[i] = cache.alloc(cpu, Gfp.KERNEL);
                if (objects[i] == Cpu.NULL) {
                    missing.add(i + 1);
                }
            }
            for (int i = 0; i < OBJECTS && cleansUp && !missing.isEmpty(); i++) {
                if (objects[i] != Cpu.NULL) {
                    cache.free(cpu, objects[i]);
                }
            }
            return List.copyOf(missing);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SC", "TSO"})
    void shouldFailEachAllocationOnceAndNone(MemoryModel model) {
        Allocates scenario = new Allocates(1, true);
        try (Check check = new Check(subject(model), scenario)) {
            Result result = check.explore("exhaustive", 1, 1_000, () -> 1);
            assertEquals(Result.Verdict.PASS, result.verdict(), () -> String.valueOf(result.failure()));
            assertEquals(Set.of(List.of(), List.of(1), List.of(2), List.of(3)), scenario.failed);
            assertEquals(OBJECTS + 1, result.executions());
        }
    }

    @Test
    void shouldFailUpToAsManyAsAllowed() {
        Allocates scenario = new Allocates(2, true);
        try (Check check = new Check(subject(MemoryModel.SC), scenario)) {
            assertEquals(
                    Result.Verdict.PASS,
                    check.explore("exhaustive", 1, 1_000, () -> 1).verdict());
            assertTrue(scenario.failed.containsAll(Set.of(List.of(), List.of(3), List.of(1, 2), List.of(1, 3))));
            assertTrue(scenario.failed.stream().allMatch(one -> one.size() <= 2));
        }
    }

    @Test
    void shouldConvictWhoForgetsTheCleanupAndRepeatIt() {
        try (Check check = new Check(subject(MemoryModel.SC), new Allocates(1, false))) {
            Result found = check.explore("exhaustive", 1, 1_000, () -> 1);
            assertEquals(FailureKind.LEAK, found.kind());
            Schedule schedule = check.schedule(check.shrink(found), 1);
            Result again = check.replay(schedule);
            assertEquals(FailureKind.LEAK, again.kind());
            assertEquals(schedule.stateHash(), again.stateHash());
        }
    }

    @Test
    void shouldFindItOnWeakHardwareAndByChance() {
        for (String search : Check.searches()) {
            Allocates scenario = new Allocates(1, true);
            Subject subject = subject(MemoryModel.WEAK);
            boolean every = Check.seesEveryStore(search);
            try (Check check = new Check(every ? subject.withEveryStore() : subject, scenario)) {
                check.explore(search, 1, 5_000, () -> 1);
                assertEquals(OBJECTS + 1, scenario.failed.size(), search + ": " + scenario.failed);
            }
        }
    }
}

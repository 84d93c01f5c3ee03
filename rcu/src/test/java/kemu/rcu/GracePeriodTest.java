package kemu.rcu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.hw.mem.KernelBug;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Guarantees A1 and B1, with the broken twin that must be convicted by the same workloads. */
class GracePeriodTest {
    @ParameterizedTest
    @CsvSource({
        "native, 1, 3",
        "native, 2, 3",
        "native, 5, 3",
        "native, 17, 2",
        "emu, 1, 30",
        "emu, 2, 300",
        "emu, 5, 60",
        "emu, 17, 8",
        "native+preempt, 3, 3",
        "emu+preempt, 1, 10",
        "emu+preempt, 2, 100",
        "emu+preempt, 5, 20"
    })
    void shouldWaitForReadersWhenObjectIsPoisonedAfterwards(String kind, int cpus, int seeds) {
        for (int seed = 1; seed <= seeds; seed++) {
            try (RcuBench bench = RcuBench.small(kind, cpus, seed)) {
                RcuReaders.poison(bench, 4, bench.rcu::synchronizeRcu);
                assertTrue(bench.rcu.gracePeriods(bench.boot()) >= 4);
                assertEquals(0, bench.rcu.stalls(bench.boot()));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"native, 2, 1", "emu, 2, 20", "emu, 3, 10", "native+preempt, 2, 1", "emu+preempt, 3, 10"})
    void shouldWaitForLongReadersWhenTicksInterruptThem(String kind, int cpus, int seeds) {
        for (int seed = 1; seed <= seeds; seed++) {
            try (RcuBench bench = RcuBench.small(kind, cpus, seed)) {
                RcuReaders.poison(bench, 3, 3, bench.rcu::synchronizeRcu);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"native, 1", "emu, 10", "emu+preempt, 10"})
    void shouldWaitForReadersWhenTheyInterruptIdle(String kind, int seeds) {
        for (int seed = 1; seed <= seeds; seed++) {
            try (RcuBench bench = RcuBench.small(kind, 3, seed)) {
                RcuReaders.poisonUnderInterrupts(bench, 5, bench.rcu::synchronizeRcu);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"native, 2, 3", "native, 4, 3", "emu, 2, 300", "emu, 3, 100", "emu, 9, 10", "emu+preempt, 3, 50"})
    void shouldForbidOldXWithNewYWhenUpdaterWaitsBetween(String kind, int cpus, int seeds) {
        for (int seed = 1; seed <= seeds; seed++) {
            try (RcuBench bench = RcuBench.small(kind, cpus, seed)) {
                RcuReaders.messagePassing(bench, 5, bench.rcu::synchronizeRcu);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"emu"})
    void shouldConvictWhenUpdaterDoesNotWait(String kind) {
        assertTrue(poisonConvictions(kind, false) > 0, "poison");
        assertTrue(poisonConvictions(kind, true) > 0, "message passing");
    }

    private static int poisonConvictions(String kind, boolean messagePassing) {
        int convicted = 0;
        for (int seed = 1; seed <= 60; seed++) {
            try (RcuBench bench = RcuBench.small(kind, 2, seed)) {
                if (messagePassing) {
                    RcuReaders.messagePassing(bench, 20, cpu -> {});
                } else {
                    RcuReaders.poison(bench, 20, cpu -> {});
                }
            } catch (KernelBug bug) {
                assertTrue(bug.getMessage().startsWith("TEST: "), bug.getMessage());
                convicted++;
            }
        }
        return convicted;
    }
}

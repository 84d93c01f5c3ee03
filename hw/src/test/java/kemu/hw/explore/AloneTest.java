package kemu.hw.explore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.hw.cache.MemoryModel;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.MachineConfig;
import kemu.kernel.task.KernelCore;
import kemu.kernel.task.Sched;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a loop without end convicts the kernel, whatever the search: when nobody is left who could end it. */
class AloneTest {
    private static final int MAX_STEPS = 2_000;

    /** CPU 0 goes round until the first word is set, storing to a word of its own; CPU 1 stores to {@code target}. */
    private static Result explore(MemoryModel model, int target, Scheduler scheduler) {
        try (EmuMachine machine =
                KernelCore.bootEmulated(new MachineConfig(1 << 20, 2, 1, false, "ticket", 16, model))) {
            long words = machine.bootAllocator().allocate(machine.bootCpu(), 1024, 64, "words");
            Sched sched = Sched.of(machine);
            sched.spawn(
                    machine.bootCpu(),
                    cpu -> {
                        // Ends with the bound on steps, or when the store to the first word comes to memory.
                        for (int i = 0; cpu.readOnce32(words) == 0; i++) {
                            cpu.writeOnce32(words + 64, i);
                            cpu.relax();
                        }
                    },
                    0,
                    "loop",
                    0);
            sched.spawn(machine.bootCpu(), cpu -> cpu.writeOnce32(words + 64L * target, 1), 1, "store", 0);
            return new Explorer(machine, cpu -> {}, MAX_STEPS).explore(scheduler, 100, () -> 1);
        }
    }

    /** Its own stores come to memory meanwhile: that is no company. */
    @ParameterizedTest
    @ValueSource(strings = {"SC", "TSO", "WEAK"})
    void shouldBeAloneWithItsOwnBuffer(MemoryModel model) {
        // A fair search: the other's last stores come to memory some time.
        Result result = explore(model, 2, new RandomWalk(1));
        assertEquals(Outcome.LIMIT, result.outcome());
        assertTrue(result.alone());
    }

    /** A store that the other has made, and that would end the loop, may wait in his buffer. */
    @Test
    void shouldNotBeAloneWhileTheOtherHasSomethingToLetOut() {
        Result result = explore(MemoryModel.TSO, 0, new Unfair());
        assertEquals(Outcome.LIMIT, result.outcome());
        assertFalse(result.alone());
    }

    /** The other CPU's steps, then only what CPU 0 and its buffer do. */
    private static final class Unfair implements Scheduler {
        @Override
        public String describe() {
            return "unfair";
        }

        @Override
        public boolean begin(long execution) {
            return execution == 0;
        }

        @Override
        public int choose(Lanes lanes, int last) {
            long other = lanes.enabled() & 1L << 1;
            long own = lanes.enabled() & lanes.of(0);
            return Long.numberOfTrailingZeros(other != 0 ? other : own != 0 ? own : lanes.enabled());
        }
    }
}

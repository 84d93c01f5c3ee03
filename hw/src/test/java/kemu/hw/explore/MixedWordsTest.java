package kemu.hw.explore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.order.Order;
import kemu.kernel.context.Task;
import kemu.kernel.task.KernelCore;
import kemu.kernel.task.Sched;
import org.junit.jupiter.api.Test;

class MixedWordsTest {
    @Test
    void shouldTakeHalvesForWordsUntilTheWholeIsAccessed() {
        MixedWords words = new MixedWords();
        assertNotEquals(words.word(0x40, 4), words.word(0x44, 4));
        assertFalse(words.grown());
        assertEquals(0x40, words.word(0x40, 8));
        assertTrue(words.grown());
        assertFalse(words.grown());
        assertEquals(words.word(0x40, 8), words.word(0x44, 4));
        assertNotEquals(words.word(0x48, 4), words.word(0x4c, 4));
    }

    /** One CPU stores the upper half, the other loads the whole: both orders have to be found. */
    @Test
    void shouldOrderAHalfAgainstTheWhole() {
        try (EmuMachine machine = KernelCore.bootEmulated(MachineConfig.of(1L << 20, 2))) {
            Cpu boot = machine.bootCpu();
            long at = machine.bootAllocator().allocate(boot, 64, 64, "words");
            boot.write64(at, 0);
            boot.write64(at + 8, 0);
            Sched.of(machine).spawn(boot, cpu -> cpu.writeOnce32(at + 4, 1), 0, "half", Task.PF_KTHREAD);
            Sched.of(machine)
                    .spawn(
                            boot,
                            cpu -> cpu.xchg64(at + 8, cpu.readOnce64(at) + 1, Order.FULL),
                            1,
                            "whole",
                            Task.PF_KTHREAD);
            Set<Long> seen = new HashSet<>();
            Explorer explorer = new Explorer(machine, cpu -> seen.add(cpu.read64(at + 8)));
            Result result = explorer.explore(new Dpor(), 100, () -> 1);
            assertEquals(Result.Verdict.PASS, result.verdict());
            assertEquals(Set.of(1L, (1L << 32) + 1), seen);
        }
    }
}

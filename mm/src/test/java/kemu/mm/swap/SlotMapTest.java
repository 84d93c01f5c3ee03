package kemu.mm.swap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.SplittableRandom;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.mem.KernelBug;
import kemu.kernel.task.KernelCore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlotMapTest {
    private static SlotMap map(Machine machine, int slots) {
        Cpu boot = machine.bootCpu();
        return new SlotMap(boot, machine.bootAllocator().allocate(boot, SlotMap.bytes(slots), 8, "map"), slots);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 63, 64, 65, 128, 200})
    void shouldAgreeWithModelWhenUsedAtRandom(int slots) {
        try (Machine machine = KernelCore.bootEmulated(MachineConfig.of(4 << 20, 1))) {
            Cpu cpu = machine.bootCpu();
            SlotMap map = map(machine, slots);
            BitSet taken = new BitSet();
            SplittableRandom random = new SplittableRandom(slots);
            for (int i = 0; i < 20_000; i++) {
                if (random.nextInt(100) < (i / 1000 % 2 == 0 ? 70 : 30)) {
                    int slot = map.take(cpu);
                    assertEquals(taken.cardinality() == slots, slot < 0);
                    if (slot >= 0) {
                        assertTrue(slot < slots);
                        assertFalse(taken.get(slot));
                        taken.set(slot);
                    }
                } else if (!taken.isEmpty()) {
                    int slot = taken.nextSetBit(random.nextInt(taken.length()));
                    taken.clear(slot);
                    map.give(cpu, slot);
                }
                assertEquals(slots - taken.cardinality(), map.free(cpu));
            }
        }
    }

    @Test
    void shouldGoRoundBeforeItReusesASlot() {
        try (Machine machine = KernelCore.bootEmulated(MachineConfig.of(4 << 20, 1))) {
            Cpu cpu = machine.bootCpu();
            SlotMap map = map(machine, 100);
            for (int i = 0; i < 250; i++) {
                int slot = map.take(cpu);
                assertEquals(i % 100, slot);
                map.give(cpu, slot);
            }
        }
    }

    @Test
    void shouldFailWhenSlotIsFreedTwice() {
        try (Machine machine = KernelCore.bootEmulated(MachineConfig.of(4 << 20, 1))) {
            Cpu cpu = machine.bootCpu();
            SlotMap map = map(machine, 100);
            int slot = map.take(cpu);
            map.give(cpu, slot);
            assertThrows(KernelBug.class, () -> map.give(cpu, slot));
        }
    }
}

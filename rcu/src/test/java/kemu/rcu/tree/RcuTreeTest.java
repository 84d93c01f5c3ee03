package kemu.rcu.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.MachineConfig;
import kemu.kernel.task.KernelCore;
import kemu.rcu.RcuOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RcuTreeTest {
    @ParameterizedTest
    @CsvSource({
        "1, 16, 64, 1, 1",
        "16, 16, 64, 1, 1",
        "17, 16, 64, 2, 3",
        "64, 16, 64, 2, 5",
        "2, 2, 2, 1, 1",
        "5, 2, 2, 3, 6",
        "17, 2, 2, 5, 20",
        "17, 2, 3, 3, 13",
        "64, 2, 2, 6, 63"
    })
    void shouldCoverEveryCpuOnceWhateverTheFanout(int cpus, int leaf, int inner, int levels, int nodes) {
        try (EmuMachine machine = KernelCore.bootEmulated(MachineConfig.of(16 << 20, cpus))) {
            RcuTree tree = new RcuTree(machine, RcuOptions.defaults().withFanout(leaf, inner));
            Cpu cpu = machine.bootCpu();
            assertEquals(levels, tree.levels());
            assertEquals(nodes, tree.nodeCount());
            long[] covered = new long[nodes];
            for (int id = 0; id < cpus; id++) {
                long node = RcuData.MYNODE.get(cpu, tree.dataOf(id));
                long mask = RcuData.GRPMASK.get(cpu, tree.dataOf(id));
                assertEquals(id, RcuNode.GRPLO.get(cpu, node) + Long.numberOfTrailingZeros(mask));
                int level = levels - 1;
                while (node != 0) {
                    int index = (int) ((node - tree.root()) / RcuNode.LAYOUT.sizeBytes());
                    assertEquals(level--, RcuNode.LEVEL.get(cpu, node));
                    assertEquals(1, Long.bitCount(mask));
                    assertNotEquals(0, RcuNode.QSMASK_INIT.get(cpu, node) & mask);
                    assertTrue(RcuNode.GRPLO.get(cpu, node) <= id && id <= RcuNode.GRPHI.get(cpu, node));
                    covered[index] |= mask;
                    mask = RcuNode.GRPMASK.get(cpu, node);
                    node = RcuNode.PARENT.get(cpu, node);
                }
                assertEquals(-1, level);
            }
            for (int i = 0; i < nodes; i++) {
                assertEquals(covered[i], RcuNode.QSMASK_INIT.get(cpu, tree.node(i)), "node " + i);
            }
        }
    }

    @Test
    void shouldRejectFanoutOutOfRange() {
        assertThrows(IllegalArgumentException.class, () -> RcuOptions.defaults().withFanout(1, 2));
        assertThrows(IllegalArgumentException.class, () -> RcuOptions.defaults().withFanout(2, 65));
    }

    @Test
    void shouldKeepHotWordsApart() {
        assertEquals(0, RcuNode.LAYOUT.sizeBytes() % 64);
        assertEquals(0, RcuData.DYNTICKS.offset() % 64);
        assertTrue(RcuData.LEN.offset() < RcuData.DYNTICKS.offset());
        assertTrue(RcuState.GP_SEQ.offset() / 64 != RcuState.JIFFIES_STALL.offset() / 64);
    }
}

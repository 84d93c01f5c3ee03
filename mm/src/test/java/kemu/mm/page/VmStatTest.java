package kemu.mm.page;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import kemu.hw.machine.Machine;
import kemu.mm.Kernel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VmStatTest {
    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldSumWhatAllCpusCounted(String kind) {
        Kernel kernel = TestKernel.boot(kind, 8 << 20, 4, 1);
        try (Machine machine = kernel.machine()) {
            long before = kernel.vmStat().sum(machine.bootCpu(), VmStatItem.PGFAULT);
            TestKernel.runOnAll(kernel, (cpu, id) -> {
                for (int i = 0; i < 1000; i++) {
                    kernel.vmStat().inc(cpu, VmStatItem.PGFAULT);
                    kernel.vmStat().add(cpu, VmStatItem.NR_MAPPED, id - 1);
                }
            });
            assertEquals(before + 4000, kernel.vmStat().sum(machine.bootCpu(), VmStatItem.PGFAULT));
            assertEquals(2000, kernel.vmStat().sum(machine.bootCpu(), VmStatItem.NR_MAPPED));
        }
    }

    @Test
    void shouldNameEveryItemOnceAsLinuxDoes() {
        VmStatItem[] all = VmStatItem.values();
        assertEquals(
                all.length, Arrays.stream(all).map(VmStatItem::key).distinct().count());
        assertEquals("nr_free_pages", VmStatItem.NR_FREE_PAGES.key());
        assertEquals("pgalloc_normal", VmStatItem.PGALLOC.key());
        assertEquals("unevictable_pgs_mlockfreed", VmStatItem.UNEVICTABLE_MLOCKFREED.key());
    }

    /** The zone's items come first, and those of the LRU lists in the order of the lists. */
    @Test
    void shouldKeepTheZonesItemsTogether() {
        for (VmStatItem item : VmStatItem.values()) {
            assertEquals(
                    item.ordinal() <= VmStatItem.NR_UNEVICTABLE.ordinal(),
                    item.kind() == VmStatItem.Kind.ZONE,
                    item::key);
        }
        assertEquals(VmStatItem.NR_INACTIVE_ANON, VmStatItem.ofList(Lru.INACTIVE_ANON));
        assertEquals(VmStatItem.NR_ACTIVE_FILE, VmStatItem.ofList(Lru.ACTIVE_FILE));
        assertEquals(VmStatItem.NR_UNEVICTABLE, VmStatItem.ofList(Lru.UNEVICTABLE));
    }
}

package kemu.mm.page;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.HashSet;
import kemu.hw.machine.Machine;
import kemu.mm.Kernel;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VmStatTest {
    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldSumWhatAllCpusCounted(String kind) {
        Kernel kernel = TestKernel.boot(kind, 8 << 20, 4, 1);
        try (Machine machine = kernel.machine()) {
            long before = kernel.vmStat().sum(machine.bootCpu(), VmStat.PGFAULT);
            TestKernel.runOnAll(kernel, (cpu, id) -> {
                for (int i = 0; i < 1000; i++) {
                    kernel.vmStat().inc(cpu, VmStat.PGFAULT);
                    kernel.vmStat().add(cpu, VmStat.NR_MAPPED, id - 1);
                }
            });
            assertEquals(before + 4000, kernel.vmStat().sum(machine.bootCpu(), VmStat.PGFAULT));
            assertEquals(2000, kernel.vmStat().sum(machine.bootCpu(), VmStat.NR_MAPPED));
        }
    }

    @org.junit.jupiter.api.Test
    void shouldNameEveryItemOnce() {
        String[] names = VmStat.names();
        assertEquals(names.length, new HashSet<>(Arrays.asList(names)).size());
        assertEquals("nr_free_pages", names[VmStat.NR_FREE_PAGES]);
        assertEquals("nr_isolated_file", names[VmStat.NR_ISOLATED_FILE]);
        assertEquals("pgreuse", names[VmStat.PGREUSE]);
        assertEquals("unevictable_pgs_mlockfreed", names[VmStat.UNEVICTABLE_MLOCKFREED]);
        assertEquals(VmStat.UNEVICTABLE_MLOCKFREED + 1, names.length);
    }
}

package kemu.mm.vma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.huge.HugePages;
import kemu.mm.page.VmStatItem;
import kemu.mm.types.VmArea;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A huge page is split while a VMA that maps it is being cut in two: split_vma has linked the new VMA, and has not cut
 * the old one, so that both cover it. Its PMD is one mapping all the same.
 */
class CutWhileSplitTest {
    private static final long BASE = 0x7000_0000_0000L;
    private static final long SECOND = BASE + HugePages.SIZE;
    private static final long RW = VmArea.VM_READ | VmArea.VM_WRITE;

    @ParameterizedTest
    @ValueSource(strings = {"root-recheck", "root-rwsem", "local-lock"})
    void shouldCountAPmdOnce(String anonVma) {
        KernelConfig config = new KernelConfig(anonVma, 0).withThp(HugePages.ALWAYS);
        try (VmaTestKernel test = VmaTestKernel.boot(MemoryModel.SC, 1, 1, 16L << 20, config)) {
            test.run((cpu, id) -> {}, 1, (cpu, id) -> splitWhileCut(test.kernel, cpu), (cpu, id) -> {});
        }
    }

    private static void splitWhileCut(Kernel kernel, Cpu cpu) {
        long parent = kernel.mms().mmAlloc(cpu);
        kernel.mmap().mmap(cpu, parent, BASE, 2 * HugePages.SIZE, RW, true, Cpu.NULL, 0);
        assertEquals(0, kernel.userAccess().store64(cpu, parent, BASE, 1));
        long child = kernel.mms().dupMm(cpu, parent);
        assertNotEquals(Cpu.NULL, child);

        VmaLinks links = kernel.mms().links();
        long vma = kernel.mms().findVma(cpu, parent, BASE);
        long fresh = links.alloc(cpu);
        VmaAdjust.copyVma(cpu, fresh, vma);
        VmArea.VM_END.set(cpu, fresh, SECOND);
        assertEquals(0, kernel.anonVmas().anonVmaClone(cpu, fresh, vma));

        assertEquals(0, kernel.userAccess().store64(cpu, child, BASE, 2));
        assertEquals(1, kernel.vmStat().sum(cpu, VmStatItem.THP_SPLIT_PAGE));
        assertEquals(2, kernel.vmStat().sum(cpu, VmStatItem.THP_SPLIT_PMD), "the parent's and the child's");
        assertEquals(0, kernel.userAccess().load64(cpu, parent, BASE, 1));

        kernel.anonVmas().unlinkAnonVmas(cpu, fresh);
        links.free(cpu, fresh);
        kernel.mms().mmput(cpu, child);
        kernel.mms().mmput(cpu, parent);
    }
}

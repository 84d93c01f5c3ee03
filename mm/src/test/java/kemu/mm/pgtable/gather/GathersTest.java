package kemu.mm.pgtable.gather;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import kemu.hw.cache.MemoryModel;
import kemu.hw.mem.PhysMem;
import kemu.kernel.context.Preempt;
import kemu.mm.KernelConfig;
import kemu.mm.types.VmArea;
import kemu.mm.vma.VmaTestKernel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GathersTest {
    private static final long PAGE = PhysMem.PAGE_SIZE;
    private static final long BASE = 0x5000_0000_0000L;
    /** More than a frame holds, less than the memory does. */
    private static final int PAGES = 600;

    private static KernelConfig config(String gather) {
        return new KernelConfig("root-recheck", 0).withGather(gather);
    }

    @ParameterizedTest
    @ValueSource(strings = {Gathers.PREEMPTIBLE, Gathers.PER_CPU})
    void shouldFreeWhatIsUnmappedWhenItIsMoreThanAFrameHolds(String gather) {
        try (VmaTestKernel test = VmaTestKernel.boot(MemoryModel.SC, 1, 1, config(gather))) {
            test.run((cpu, id) -> {
                long mm = test.kernel.mms().mmAlloc(cpu);
                test.kernel.mmap().mmap(cpu, mm, BASE, PAGES * PAGE, VmArea.VM_READ | VmArea.VM_WRITE, true, 0, 0);
                for (int i = 0; i < PAGES; i++) {
                    assertEquals(0, test.kernel.userAccess().store64(cpu, mm, BASE + i * PAGE, i));
                }
                int before = Preempt.count(cpu);
                assertEquals(0, test.kernel.mmap().munmap(cpu, mm, BASE, (PAGES - 1) * PAGE));
                assertEquals(before, Preempt.count(cpu));
                test.kernel.mms().mmput(cpu, mm);
                assertEquals(before, Preempt.count(cpu));
            });
        }
    }

    @Test
    void shouldNotBePreemptedBetweenBeginAndFinishOfAGatherOfTheCpu() {
        try (VmaTestKernel test = VmaTestKernel.boot(MemoryModel.SC, 1, 1, config(Gathers.PER_CPU))) {
            test.run((cpu, id) -> {
                long mm = test.kernel.mms().mmAlloc(cpu);
                int before = Preempt.count(cpu);
                long gather = test.kernel.gathers().begin(cpu, mm, false);
                assertEquals(before + 1, Preempt.count(cpu));
                test.kernel.gathers().finish(cpu, gather);
                assertEquals(before, Preempt.count(cpu));
                test.kernel.mms().mmput(cpu, mm);
            });
        }
    }

    @Test
    void shouldNameWhatIsAllowedWhenANameIsUnknown() {
        IllegalArgumentException unknown = assertThrows(IllegalArgumentException.class, () -> config("none"));
        assertEquals("gather: none (allowed: preemptible, per-cpu, per-cpu-unpinned)", unknown.getMessage());
    }
}

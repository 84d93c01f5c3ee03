package kemu.mm.vma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.hw.cpu.Cpu;
import kemu.hw.mem.PhysMem;
import kemu.mm.KernelConfig;
import kemu.mm.fault.Faults;
import kemu.mm.pgtable.PageTable;
import kemu.mm.slab.Failslab;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StackSetupTest {
    private static final long PAGE = PhysMem.PAGE_SIZE;
    private static final int ARGUMENTS = 3;
    private static final long FLAGS = VmArea.VM_READ | VmArea.VM_WRITE | VmArea.VM_GROWSDOWN;

    /** Builds a stack with stamps in its pages. */
    private static long begin(VmaTestKernel test, Cpu cpu, long mm) {
        long start = test.kernel.stackSetup().begin(cpu, mm, ARGUMENTS, FLAGS);
        assertEquals(StackSetup.TOP - ARGUMENTS * PAGE, start);
        for (int i = 0; i < ARGUMENTS; i++) {
            assertEquals(0, test.kernel.userAccess().store64(cpu, mm, start + i * PAGE, 1 + i));
        }
        return start;
    }

    /** One page down is over itself, 16 within one page table, the last into another; 0 is where it is. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 3, 16, 511, 512, 513, 100_000})
    void shouldMoveTheArgumentsWhereverTheStackGoes(long pagesDown) {
        try (VmaTestKernel test = VmaTestKernel.boot("emu", KernelConfig.of(VmaTestKernel.SWAP_PAGES))) {
            test.run((cpu, id) -> {
                long mm = test.kernel.mms().mmAlloc(cpu);
                begin(test, cpu, mm);
                long end = StackSetup.TOP - pagesDown * PAGE;
                assertEquals(0, test.kernel.stackSetup().finish(cpu, mm, end - 10 * PAGE, end));
                test.audit(cpu, mm, "after the move");
                long vma = test.kernel.mms().findVma(cpu, mm, 0);
                assertEquals(end - 10 * PAGE, VmArea.VM_START.get(cpu, vma));
                assertEquals(end, VmArea.VM_END.get(cpu, vma));
                assertEquals(FLAGS, VmArea.VM_FLAGS.get(cpu, vma));
                for (int i = 0; i < ARGUMENTS; i++) {
                    assertEquals(0, test.kernel.userAccess().load64(cpu, mm, end - (ARGUMENTS - i) * PAGE, 1 + i));
                }
                if (pagesDown > 0) {
                    assertEquals(Faults.SIGSEGV, test.kernel.userAccess().load64(cpu, mm, end, 0));
                }
                // The rest is there to grow into, and none of the tables of the old place is left.
                assertEquals(0, test.kernel.userAccess().store64(cpu, mm, end - 10 * PAGE, 9));
                assertTrue(MmStruct.NR_PTES.get(cpu, mm) <= 6, "tables");
                test.audit(cpu, mm, "at the end");
                test.kernel.mms().mmput(cpu, mm);
            });
        }
    }

    @ParameterizedTest
    @CsvSource({
        "native, root-rwsem, per-vma-lock, list",
        "emu, refcount, per-vma-refcount, interval-tree",
        "emu, local-lock, spf, list",
        "emu, root-recheck, mmap-sem, interval-tree"
    })
    void shouldMoveWithEveryLookupOfVmasAndEitherIndex(String kind, String anonVma, String lookup, String index) {
        KernelConfig config = new KernelConfig(anonVma, VmaTestKernel.SWAP_PAGES)
                .withVmaLookup(lookup)
                .withAnonVmaIndex(index);
        try (VmaTestKernel test = VmaTestKernel.boot(kind, config)) {
            test.run((cpu, id) -> {
                long mm = test.kernel.mms().mmAlloc(cpu);
                begin(test, cpu, mm);
                long end = StackSetup.TOP - 1000 * PAGE;
                assertEquals(0, test.kernel.stackSetup().finish(cpu, mm, end - 10 * PAGE, end));
                assertEquals(0, test.kernel.userAccess().load64(cpu, mm, end - PAGE, ARGUMENTS));
                test.audit(cpu, mm, "at the end");
                test.kernel.mms().mmput(cpu, mm);
            });
        }
    }

    @Test
    void shouldFailWithoutALeakWhenThereIsNoMemoryForATableAtTheNewPlace() {
        try (VmaTestKernel test = VmaTestKernel.boot("emu", KernelConfig.of(0))) {
            test.run((cpu, id) -> {
                long mm = test.kernel.mms().mmAlloc(cpu);
                begin(test, cpu, mm);
                long word = test.kernel.pages().frameOf(test.kernel.pages().allocPages(cpu, 0, 0));
                cpu.clearFrame(word);
                Failslab failures = new Failslab(word);
                failures.failOne(cpu);
                test.kernel.pageTable().failAs(failures);
                long end = StackSetup.TOP - PageTable.PMD_SIZE;
                assertEquals(Errno.ENOMEM, test.kernel.stackSetup().finish(cpu, mm, end - 10 * PAGE, end));
                test.kernel.mms().mmput(cpu, mm);
                test.kernel.pages().putPage(cpu, test.kernel.pages().pageOf(word));
            });
        }
    }
}

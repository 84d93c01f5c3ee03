package kemu.mm.vma;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.hw.cpu.Cpu;
import kemu.hw.mem.KernelBug;
import kemu.hw.mem.PhysMem;
import kemu.mm.page.Page;
import kemu.mm.pgtable.Pte;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every rule of the oracle is broken once, to see it fire. */
class MmAuditTest {
    private static final long PAGE = PhysMem.PAGE_SIZE;
    private static final long BASE = 0x5000_0000_0000L;
    private static final long READ_WRITE = VmArea.VM_READ | VmArea.VM_WRITE;

    private static long scene(VmaTestKernel test, Cpu cpu) {
        long mm = test.kernel.mms().mmAlloc(cpu);
        test.kernel.mmap().mmap(cpu, mm, BASE, 4 * PAGE, READ_WRITE, true, 0, 0);
        test.kernel.mmap().mmap(cpu, mm, BASE + 8 * PAGE, 4 * PAGE, VmArea.VM_READ, true, 0, 0);
        test.kernel.userAccess().store64(cpu, mm, BASE, 1);
        test.kernel.userAccess().store64(cpu, mm, BASE + PAGE, 1);
        assertNull(test.kernel.mms().auditMm(cpu, mm));
        return mm;
    }

    private static void change32(Cpu cpu, long address, int delta) {
        cpu.write32(address, cpu.read32(address) + delta);
    }

    private static void change(Cpu cpu, long address, long delta) {
        cpu.write64(address, cpu.read64(address) + delta);
    }

    /** Breaks something; with {@code sign} -1 puts it back. */
    private static void breakRule(VmaTestKernel test, Cpu cpu, String rule, long mm, int sign) {
        long first = MmStruct.MMAP.get(cpu, mm);
        long pte = test.kernel.pageTable().find(cpu, mm, BASE);
        switch (rule) {
            case "map_count" -> change32(cpu, MmStruct.MAP_COUNT.of(mm), sign);
            case "rss" -> change(cpu, MmStruct.ANON_RSS.of(mm), sign);
            case "swapents" -> change(cpu, MmStruct.SWAPENTS.of(mm), sign);
            case "nr_ptes" -> change(cpu, MmStruct.NR_PTES.of(mm), sign);
            case "vm_prev" -> change(cpu, VmArea.VM_PREV.of(VmArea.VM_NEXT.get(cpu, first)), 64 * sign);
            case "overlap" -> change(cpu, VmArea.VM_END.of(first), 6 * PAGE * sign);
            case "order" -> change(cpu, VmArea.VM_END.of(first), -4 * PAGE * sign);
            case "vm_mm" -> change(cpu, VmArea.VM_MM.of(first), 64 * sign);
            case "stray pte" -> change(cpu, pte + 6 * Long.BYTES, Pte.ofSwap(1) * sign);
            case "uncovered pte" -> change(cpu, VmArea.VM_START.of(first), PAGE * sign);
            case "pgoff" -> change(cpu, VmArea.VM_PGOFF.of(first), sign);
            case "anon_vma" ->
                change(cpu, Page.MAPPING.of(test.kernel.pages().pageOf(Pte.frame(cpu.readOnce64(pte)))), 64 * sign);
            case "mapcount" ->
                change32(cpu, Page.MAPCOUNT.of(test.kernel.pages().pageOf(Pte.frame(cpu.readOnce64(pte)))), -sign);
            case "writable" -> change(cpu, VmArea.VM_FLAGS.of(first), -VmArea.VM_WRITE * sign);
            case "barred" -> change(cpu, VmArea.VM_FLAGS.of(first), -READ_WRITE * sign);
            default -> throw new IllegalArgumentException(rule);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "map_count",
                "rss",
                "swapents",
                "nr_ptes",
                "vm_prev",
                "overlap",
                "order",
                "vm_mm",
                "stray pte",
                "uncovered pte",
                "pgoff",
                "anon_vma",
                "mapcount",
                "writable",
                "barred"
            })
    void shouldReportWhenRuleIsBroken(String rule) {
        try (VmaTestKernel test = VmaTestKernel.boot("emu", 1, 1)) {
            test.run((cpu, id) -> {
                long mm = scene(test, cpu);
                breakRule(test, cpu, rule, mm, 1);
                assertNotNull(test.kernel.mms().auditMm(cpu, mm), rule);
                breakRule(test, cpu, rule, mm, -1);
                assertNull(test.kernel.mms().auditMm(cpu, mm), rule);
                test.kernel.mms().mmput(cpu, mm);
            });
        }
    }

    @Test
    void shouldStopTheMachineWhenRssIsWrongAtExit() {
        try (VmaTestKernel test = VmaTestKernel.boot("emu", 1, 1)) {
            KernelBug bug = assertThrows(
                    KernelBug.class,
                    () -> test.run((cpu, id) -> {
                        long mm = scene(test, cpu);
                        MmStruct.FILE_RSS.add(cpu, mm, 3);
                        test.kernel.mms().mmput(cpu, mm);
                    }));
            assertTrue(bug.getMessage().contains("Bad rss-counter state"), bug.getMessage());
            assertTrue(bug.getMessage().contains("val:3"), bug.getMessage());
        }
    }

    @Test
    void shouldStopTheMachineWhenAnMmIsPutTwice() {
        try (VmaTestKernel test = VmaTestKernel.boot("emu", 1, 1)) {
            assertThrows(
                    KernelBug.class,
                    () -> test.run((cpu, id) -> {
                        long mm = scene(test, cpu);
                        test.kernel.mms().mmgrab(cpu, mm);
                        test.kernel.mms().mmput(cpu, mm);
                        test.kernel.mms().mmput(cpu, mm);
                    }));
        }
    }
}

package kemu.mm.vma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.hw.cpu.Cpu;
import kemu.hw.mem.PhysMem;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;
import org.junit.jupiter.api.Test;

/** Single calls: limits, bad arguments, where mappings go, and what fork shares. */
class MmapTest {
    private static final long PAGE = PhysMem.PAGE_SIZE;
    private static final long BASE = 0x5000_0000_0000L;
    private static final long READ_WRITE = VmArea.VM_READ | VmArea.VM_WRITE;

    /** A test on a fresh mm. */
    private interface Script {
        void run(VmaTestKernel test, Cpu cpu, long mm);
    }

    private static void onNewMm(String kind, long memoryBytes, Script script) {
        try (VmaTestKernel test = new VmaTestKernel(kind, 1, 1, memoryBytes, "root-recheck")) {
            test.run((cpu, id) -> {
                long mm = test.kernel.mms().mmAlloc(cpu);
                script.run(test, cpu, mm);
                test.audit(cpu, mm, "at the end");
                test.kernel.mms().mmput(cpu, mm);
            });
        }
    }

    private static void onNewMm(Script script) {
        onNewMm("emu", 4L << 20, script);
    }

    private static long map(VmaTestKernel test, Cpu cpu, long mm, long at, long pages, long flags) {
        return test.kernel.mmap().mmap(cpu, mm, at, pages * PAGE, flags, at != 0, 0, 0);
    }

    @Test
    void shouldRefuseWhenArgumentsAreBad() {
        onNewMm((test, cpu, mm) -> {
            Mmap calls = test.kernel.mmap();
            assertEquals(Errno.EINVAL, calls.mmap(cpu, mm, 0, 0, READ_WRITE, false, 0, 0));
            assertEquals(Errno.EINVAL, calls.mmap(cpu, mm, BASE + 1, PAGE, READ_WRITE, true, 0, 0));
            assertEquals(Errno.EINVAL, calls.mmap(cpu, mm, 0, PAGE, READ_WRITE | VmArea.VM_SHARED, false, 0, 0));
            assertEquals(Errno.EINVAL, calls.mmap(cpu, mm, PageTable.TASK_SIZE, PAGE, READ_WRITE, true, 0, 0));
            assertEquals(Errno.ENOMEM, calls.mmap(cpu, mm, 0, PageTable.TASK_SIZE, READ_WRITE, false, 0, 0));
            assertEquals(Errno.ENOMEM, calls.mmap(cpu, mm, 0, Long.MAX_VALUE, READ_WRITE, false, 0, 0));
            assertEquals(Errno.EINVAL, calls.munmap(cpu, mm, BASE + 1, PAGE));
            assertEquals(Errno.EINVAL, calls.munmap(cpu, mm, BASE, 0));
            assertEquals(Errno.EINVAL, calls.mprotect(cpu, mm, BASE + 8, PAGE, VmArea.VM_READ));
            assertEquals(Errno.EINVAL, calls.mprotect(cpu, mm, BASE, PAGE, VmArea.VM_SHARED));
            assertEquals(Errno.ENOMEM, calls.mprotect(cpu, mm, BASE, PAGE, VmArea.VM_READ));
            assertEquals(Errno.EFAULT, calls.mremap(cpu, mm, BASE, PAGE, 2 * PAGE, true, 0));
            assertEquals(Errno.EINVAL, calls.mremap(cpu, mm, BASE, PAGE, 0, true, 0));
            assertEquals(Errno.ENOMEM, calls.madviseDontneed(cpu, mm, BASE, PAGE));
        });
    }

    @Test
    void shouldPutMappingsTopDownAndFillHoles() {
        onNewMm((test, cpu, mm) -> {
            long first = map(test, cpu, mm, 0, 4, READ_WRITE);
            assertEquals(MmStruct.MMAP_BASE.get(cpu, mm) - 4 * PAGE, first);
            long second = map(test, cpu, mm, 0, 2, VmArea.VM_READ);
            assertEquals(first - 2 * PAGE, second);
            long third = map(test, cpu, mm, 0, 3, READ_WRITE);
            assertEquals(second - 3 * PAGE, third);
            test.kernel.mmap().munmap(cpu, mm, second, 2 * PAGE);
            assertEquals(third - 3 * PAGE, map(test, cpu, mm, 0, 3, READ_WRITE), "too large for the hole");
            assertEquals(second + PAGE, map(test, cpu, mm, 0, 1, READ_WRITE), "fits the hole");
            assertEquals(second, map(test, cpu, mm, 0, 1, READ_WRITE), "fits the rest of it");
            assertEquals(1, MmStruct.MAP_COUNT.get(cpu, mm), "all of it is one mapping");
        });
    }

    @Test
    void shouldKeepTheRangeWhenItsPagesMoveAway() {
        onNewMm((test, cpu, mm) -> {
            Mmap calls = test.kernel.mmap();
            long low = map(test, cpu, mm, 0, 3, READ_WRITE);
            long high = low + 2 * PAGE;
            calls.munmap(cpu, mm, low + PAGE, PAGE);
            assertEquals(2, MmStruct.MAP_COUNT.get(cpu, mm));
            assertEquals(low + PAGE, calls.mremapDontunmap(cpu, mm, high, PAGE), "into the hole");
            assertEquals(1, MmStruct.MAP_COUNT.get(cpu, mm), "never touched: merged with both neighbours");
            calls.munmap(cpu, mm, low + PAGE, PAGE);
            test.kernel.userAccess().store64(cpu, mm, high, 7);
            assertEquals(low + PAGE, calls.mremapDontunmap(cpu, mm, high, PAGE));
            assertEquals(3, MmStruct.MAP_COUNT.get(cpu, mm), "touched: its pages keep their numbers");
            assertEquals(0, test.kernel.userAccess().load64(cpu, mm, low + PAGE, 7));
            assertEquals(0, test.kernel.userAccess().load64(cpu, mm, high, 0));
        });
    }

    @Test
    void shouldGoBottomUpWhenNothingIsFreeBelowTheBase() {
        onNewMm((test, cpu, mm) -> {
            long base = MmStruct.MMAP_BASE.get(cpu, mm);
            assertEquals(PAGE, map(test, cpu, mm, PAGE, base / PAGE - 1, VmArea.VM_READ));
            long above = map(test, cpu, mm, 0, 4, READ_WRITE);
            assertTrue(above >= base, () -> "0x" + Long.toHexString(above));
            assertEquals(Errno.ENOMEM, map(test, cpu, mm, 0, base / PAGE / 2, READ_WRITE));
        });
    }

    @Test
    void shouldRefuseMoreMappingsThanTheLimit() {
        onNewMm("native", 48L << 20, (test, cpu, mm) -> {
            int made = 0;
            while (map(test, cpu, mm, BASE + 2 * made * PAGE, 1, READ_WRITE) > 0) {
                made++;
            }
            assertEquals(VmaAdjust.MAX_MAP_COUNT + 1, made);
            assertEquals(
                    Errno.ENOMEM,
                    test.kernel.mmap().mremap(cpu, mm, BASE, PAGE, PAGE, true, BASE - 64 * PAGE),
                    "a move may need more");
        });
    }

    @Test
    void shouldShareFramesUntilWrittenWhenForked() {
        onNewMm((test, cpu, mm) -> {
            map(test, cpu, mm, BASE, 2, READ_WRITE);
            test.kernel.userAccess().store64(cpu, mm, BASE, 1);
            test.kernel.userAccess().store64(cpu, mm, BASE + PAGE, 2);
            long child = test.kernel.mms().dupMm(cpu, mm);
            PageTable tables = test.kernel.pageTable();
            for (long at = BASE; at < BASE + 2 * PAGE; at += PAGE) {
                long mine = cpu.readOnce64(tables.find(cpu, mm, at));
                long its = cpu.readOnce64(tables.find(cpu, child, at));
                assertEquals(Pte.frame(mine), Pte.frame(its));
                assertEquals(0, (mine | its) & Pte.RW);
            }
            test.kernel.userAccess().store64(cpu, child, BASE, 3);
            assertNotEquals(
                    Pte.frame(cpu.readOnce64(tables.find(cpu, mm, BASE))),
                    Pte.frame(cpu.readOnce64(tables.find(cpu, child, BASE))));
            assertEquals(0, test.kernel.userAccess().load64(cpu, mm, BASE, 1));
            test.kernel.mms().mmput(cpu, child);
        });
    }

    @Test
    void shouldNotCopyMappingsMarkedSoWhenForked() {
        onNewMm((test, cpu, mm) -> {
            map(test, cpu, mm, BASE, 2, READ_WRITE | VmArea.VM_DONTCOPY);
            map(test, cpu, mm, BASE + 4 * PAGE, 2, READ_WRITE);
            long child = test.kernel.mms().dupMm(cpu, mm);
            assertEquals(1, MmStruct.MAP_COUNT.get(cpu, child));
            assertEquals(0, VmaTree.findIntersection(cpu, child, BASE, BASE + 2 * PAGE));
            test.kernel.mms().mmput(cpu, child);
        });
    }

    @Test
    void shouldFreeTablesWithTheLastMappingOverThem() {
        onNewMm((test, cpu, mm) -> {
            long before = test.kernel.vmStat().sum(cpu, VmStatItem.NR_PAGE_TABLE_PAGES);
            map(test, cpu, mm, BASE, 1, READ_WRITE);
            map(test, cpu, mm, BASE + 2 * PAGE, 1, READ_WRITE);
            test.kernel.userAccess().store64(cpu, mm, BASE, 1);
            test.kernel.userAccess().store64(cpu, mm, BASE + 2 * PAGE, 1);
            assertEquals(before + 3, test.kernel.vmStat().sum(cpu, VmStatItem.NR_PAGE_TABLE_PAGES));
            test.kernel.mmap().munmap(cpu, mm, BASE, PAGE);
            assertEquals(before + 3, test.kernel.vmStat().sum(cpu, VmStatItem.NR_PAGE_TABLE_PAGES));
            test.kernel.mmap().munmap(cpu, mm, BASE + 2 * PAGE, PAGE);
            assertEquals(before, test.kernel.vmStat().sum(cpu, VmStatItem.NR_PAGE_TABLE_PAGES));
        });
    }

    @Test
    void shouldKeepFieldsThatForkAndFaultsWriteOnTheirOwnLines() {
        assertEquals(0, MmStruct.LAYOUT.sizeBytes() % 64);
        assertNotEquals(MmStruct.MMAP_SEM.offset() / 64, MmStruct.MMAP.offset() / 64);
        assertNotEquals(MmStruct.ANON_RSS.offset() / 64, MmStruct.PAGE_TABLE_LOCK.offset() / 64);
        assertTrue(VmArea.LAYOUT.sizeBytes() <= 192, "vm_area_struct grew to " + VmArea.LAYOUT.sizeBytes());
    }
}

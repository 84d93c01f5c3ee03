package kemu.mm.writeback;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.hw.cpu.Cpu;
import kemu.hw.mem.PhysMem;
import kemu.mm.page.Page;
import kemu.mm.page.VmStatItem;
import kemu.mm.types.VmArea;
import kemu.mm.vma.VmaTestKernel;
import org.junit.jupiter.api.Test;

class WritebackTest {
    private static final long PAGE = PhysMem.PAGE_SIZE;
    private static final long BASE = 0x6000_0000_0000L;
    private static final int PAGES = 4;

    private static long dirty(VmaTestKernel test, Cpu cpu) {
        return test.kernel.vmStat().sum(cpu, VmStatItem.NR_DIRTY);
    }

    private static void store(VmaTestKernel test, Cpu cpu, long mm, int page, long value) {
        assertEquals(0, test.kernel.userAccess().store64(cpu, mm, BASE + page * PAGE, value));
    }

    /** A stored word is lost if its page is dropped as clean: so what is read afterwards is what the disk has. */
    private static void assertOnDisk(VmaTestKernel test, Cpu cpu, long mm, long file, int page, long value) {
        assertEquals(0, test.kernel.mmap().madviseDontneed(cpu, mm, BASE, PAGES * PAGE));
        long cached = test.kernel.pageCache().find(cpu, file, page);
        test.kernel.pageLock().lock(cpu, cached);
        cpu.write64(test.kernel.pages().frameOf(cached), -1);
        test.kernel.lru().drainAll(cpu);
        assertTrue(
                test.kernel.pageCache().removeMapping(cpu, cached), () -> "still dirty: " + Page.describe(cpu, cached));
        Page.COUNT.release(cpu, cached, 1);
        test.kernel.pageLock().unlock(cpu, cached);
        test.kernel.pages().putPage(cpu, cached);
        assertEquals(0, test.kernel.userAccess().load64(cpu, mm, BASE + page * PAGE, value));
    }

    @Test
    void shouldHaveWrittenWhatWasStoredBefore() {
        try (VmaTestKernel test = VmaTestKernel.boot("emu", 1, 1)) {
            test.run((cpu, id) -> {
                long mm = test.kernel.mms().mmAlloc(cpu);
                long file = test.kernel.files().open(cpu, 3, PAGES * PAGE);
                long flags = VmArea.VM_READ | VmArea.VM_WRITE | VmArea.VM_SHARED;
                assertEquals(BASE, test.kernel.mmap().mmap(cpu, mm, BASE, PAGES * PAGE, flags, true, file, 0));
                store(test, cpu, mm, 1, 5);
                store(test, cpu, mm, 2, 6);
                assertEquals(2, dirty(test, cpu));
                assertEquals(0, test.kernel.writeback().fsync(cpu, file));
                assertEquals(0, dirty(test, cpu));
                assertEquals(2, test.kernel.pageCache().diskBlocks(cpu));
                long faults = test.kernel.vmStat().sum(cpu, VmStatItem.PGFAULT);
                store(test, cpu, mm, 1, 7);
                assertEquals(faults + 1, test.kernel.vmStat().sum(cpu, VmStatItem.PGFAULT), "a store after it faults");
                assertEquals(1, dirty(test, cpu));
                assertEquals(0, test.kernel.writeback().fsync(cpu, file));
                assertOnDisk(test, cpu, mm, file, 1, 7);
                assertOnDisk(test, cpu, mm, file, 2, 6);
                assertEquals(0, test.kernel.truncate().ftruncate(cpu, file, 0));
                assertEquals(0, test.kernel.writeback().fsync(cpu, file));
                assertEquals(0, test.kernel.pageCache().diskBlocks(cpu));
                test.kernel.mms().mmput(cpu, mm);
                test.kernel.files().put(cpu, file);
            });
        }
    }
}

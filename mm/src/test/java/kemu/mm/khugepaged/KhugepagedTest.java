package kemu.mm.khugepaged;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.PhysMem;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.huge.HugePages;
import kemu.mm.huge.rules.CollapseRuleSets;
import kemu.mm.page.Page;
import kemu.mm.page.VmStatItem;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.vma.VmaTestKernel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** khugepaged in single steps: whom it knows, what it collapses, and what it leaves alone. */
class KhugepagedTest {
    private static final long BASE = 0x7000_0000_0000L;
    private static final long PAGE = PhysMem.PAGE_SIZE;
    private static final long RW = VmArea.VM_READ | VmArea.VM_WRITE;

    private interface Body {
        void run(Kernel kernel, Cpu cpu);
    }

    private static void run(String kind, Body body) {
        run(kind, 2048, body);
    }

    private static void run(String kind, int swapPages, Body body) {
        MemoryModel model = kind.equals("native") ? null : MemoryModel.byName(kind);
        KernelConfig config =
                KernelConfig.of(swapPages).withThp(HugePages.ALWAYS).withKhugepaged(1);
        try (VmaTestKernel test = VmaTestKernel.boot(model, 1, 1, 24L << 20, config)) {
            test.run((cpu, id) -> body.run(test.kernel, cpu));
        }
    }

    private static void map(Kernel kernel, Cpu cpu, long mm, long at, long length) {
        assertEquals(at, kernel.mmap().mmap(cpu, mm, at, length, RW, true, Cpu.NULL, 0));
    }

    /** Pages {@code from} to {@code to} hold their numbers. */
    private static void fill(Kernel kernel, Cpu cpu, long mm, int from, int to) {
        for (int i = from; i < to; i++) {
            assertEquals(0, kernel.userAccess().store64(cpu, mm, BASE + i * PAGE, i + 1));
        }
    }

    private static void check(Kernel kernel, Cpu cpu, long mm, int from, int to) {
        for (int i = from; i < to; i++) {
            assertEquals(0, kernel.userAccess().load64(cpu, mm, BASE + i * PAGE, i + 1), "page " + i);
        }
    }

    /** A new address space with {@code huge} ranges, one small page missing in each. */
    private static long holed(Kernel kernel, Cpu cpu, int huge) {
        long mm = kernel.mms().mmAlloc(cpu);
        map(kernel, cpu, mm, BASE, huge * HugePages.SIZE);
        fill(kernel, cpu, mm, 0, huge * Page.HUGE_FRAMES);
        for (int i = 0; i < huge; i++) {
            assertEquals(0, kernel.mmap().madviseDontneed(cpu, mm, BASE + i * HugePages.SIZE, PAGE));
            assertFalse(isHuge(kernel, cpu, mm, i));
        }
        return mm;
    }

    private static boolean isHuge(Kernel kernel, Cpu cpu, long mm, int i) {
        return kernel.pageTable().findHuge(cpu, mm, BASE + i * HugePages.SIZE) != Cpu.NULL;
    }

    private static boolean scan(Kernel kernel, Cpu cpu, int pages) {
        kernel.lru().drainAll(cpu);
        return kernel.khugepaged().scan(cpu, pages);
    }

    private static long count(Kernel kernel, Cpu cpu, VmStatItem item) {
        return kernel.vmStat().sum(cpu, item);
    }

    private static boolean isKnown(Cpu cpu, long mm) {
        return (MmStruct.FLAGS.readOnce(cpu, mm) & MmStruct.MMF_VM_HUGEPAGE) != 0;
    }

    private static void atRest(Kernel kernel, Cpu cpu, long... mms) {
        kernel.lru().drainAll(cpu);
        assertEquals("", kernel.lru().audit(cpu));
        assertEquals("", kernel.pages().audit().auditFree(cpu));
        for (long mm : mms) {
            assertEquals(null, kernel.mms().auditMm(cpu, mm));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "weak"})
    void shouldCollapseOneRangeAfterTheOther(String kind) {
        run(kind, (kernel, cpu) -> {
            long mm = holed(kernel, cpu, 2);
            assertFalse(scan(kernel, cpu, Page.HUGE_FRAMES));
            assertTrue(isHuge(kernel, cpu, mm, 0) && !isHuge(kernel, cpu, mm, 1));
            assertFalse(scan(kernel, cpu, Page.HUGE_FRAMES));
            assertTrue(isHuge(kernel, cpu, mm, 1));
            assertEquals(2, count(kernel, cpu, VmStatItem.KHUGEPAGED_PAGES_COLLAPSED));
            assertEquals(2, count(kernel, cpu, VmStatItem.THP_COLLAPSE_ALLOC));
            assertEquals(1024, MmStruct.ANON_RSS.readOnce(cpu, mm));
            check(kernel, cpu, mm, 1, 512);
            check(kernel, cpu, mm, 513, 1024);
            assertEquals(0, kernel.userAccess().load64(cpu, mm, BASE, 0));
            // What is huge is passed by, and a round ends.
            scan(kernel, cpu, 4 * Page.HUGE_FRAMES);
            assertTrue(count(kernel, cpu, VmStatItem.KHUGEPAGED_FULL_SCANS) > 0);
            assertEquals(2, count(kernel, cpu, VmStatItem.THP_COLLAPSE_ALLOC));
            atRest(kernel, cpu, mm);
            kernel.mms().mmput(cpu, mm);
        });
    }

    @Test
    void shouldLeaveAloneWhatMapsTooLittle() {
        run("native", (kernel, cpu) -> {
            long mm = holed(kernel, cpu, 1);
            kernel.khugepaged().mostNone(cpu, 0);
            scan(kernel, cpu, 4096);
            assertFalse(isHuge(kernel, cpu, mm, 0));
            assertEquals(0, count(kernel, cpu, VmStatItem.THP_COLLAPSE_ALLOC));
            kernel.khugepaged().mostNone(cpu, 1);
            scan(kernel, cpu, 4096);
            assertTrue(isHuge(kernel, cpu, mm, 0));
            kernel.mms().mmput(cpu, mm);
        });
    }

    @Test
    void shouldLeaveAloneWhatOthersHave() {
        run("native", (kernel, cpu) -> {
            long mm = holed(kernel, cpu, 1);
            long page = kernel.userAccess().pin(cpu, mm, BASE + 300 * PAGE);
            scan(kernel, cpu, 4096);
            assertFalse(isHuge(kernel, cpu, mm, 0));
            kernel.pages().putPage(cpu, page);
            long child = kernel.mms().dupMm(cpu, mm);
            assertTrue(isKnown(cpu, child));
            scan(kernel, cpu, 4096);
            assertFalse(isHuge(kernel, cpu, mm, 0) || isHuge(kernel, cpu, child, 0));
            assertEquals(0, count(kernel, cpu, VmStatItem.THP_COLLAPSE_ALLOC));
            kernel.mms().mmput(cpu, child);
            check(kernel, cpu, mm, 1, 512);
            scan(kernel, cpu, 4096);
            assertTrue(isHuge(kernel, cpu, mm, 0));
            check(kernel, cpu, mm, 1, 512);
            atRest(kernel, cpu, mm);
            kernel.mms().mmput(cpu, mm);
        });
    }

    /** The first fault in a VMA without room for a huge page does not make it known; its growth by a merge does. */
    @Test
    void shouldKnowWhoseMemoryHasGrown() {
        run("native", (kernel, cpu) -> {
            long mm = kernel.mms().mmAlloc(cpu);
            map(kernel, cpu, mm, BASE, HugePages.SIZE / 2);
            fill(kernel, cpu, mm, 0, 256);
            assertFalse(isKnown(cpu, mm));
            map(kernel, cpu, mm, BASE + HugePages.SIZE / 2, HugePages.SIZE / 2);
            assertTrue(isKnown(cpu, mm));
            fill(kernel, cpu, mm, 256, 400);
            assertFalse(isHuge(kernel, cpu, mm, 0));
            scan(kernel, cpu, 4096);
            assertTrue(isHuge(kernel, cpu, mm, 0));
            check(kernel, cpu, mm, 0, 400);
            atRest(kernel, cpu, mm);
            kernel.mms().mmput(cpu, mm);
        });
    }

    /** A slot at which the scan does not stand goes at once, the other with the next scan: then the structure, too. */
    @Test
    void shouldForgetWhoHasGone() {
        run("native", (kernel, cpu) -> {
            long first = holed(kernel, cpu, 1);
            long second = kernel.mms().dupMm(cpu, first);
            kernel.khugepaged().mostNone(cpu, 0);
            // Enough for a part of the first.
            scan(kernel, cpu, 1);
            kernel.mms().mmput(cpu, second);
            kernel.mms().mmput(cpu, first);
            kernel.khugepaged().settle(cpu);
            assertFalse(scan(kernel, cpu, 4096));
            // The leak check of the test counts slots and address spaces.
        });
    }

    @Test
    void shouldSayIfThereIsNoMemory() {
        run("native", 0, (kernel, cpu) -> {
            long mm = holed(kernel, cpu, 1);
            long other = kernel.mms().mmAlloc(cpu);
            map(kernel, cpu, other, BASE, 16 * HugePages.SIZE);
            for (int i = 0; count(kernel, cpu, VmStatItem.THP_FAULT_FALLBACK) == 0; i++) {
                assertEquals(0, kernel.userAccess().store64(cpu, other, BASE + i * HugePages.SIZE, 1));
            }
            assertTrue(scan(kernel, cpu, 4096));
            assertEquals(1, count(kernel, cpu, VmStatItem.THP_COLLAPSE_ALLOC_FAILED));
            kernel.mms().mmput(cpu, other);
            assertFalse(scan(kernel, cpu, 4096));
            assertTrue(isHuge(kernel, cpu, mm, 0));
            kernel.mms().mmput(cpu, mm);
        });
    }

    /** Half of memory is free, but no 512 frames in a row. */
    @ParameterizedTest
    @ValueSource(strings = {"native", "weak"})
    void shouldCompactWhereFreeFramesAreScattered(String kind) {
        run(kind, 0, (kernel, cpu) -> {
            long mm = holed(kernel, cpu, 1);
            long other = scattered(kernel, cpu);
            assertFalse(scan(kernel, cpu, 4096));
            assertTrue(isHuge(kernel, cpu, mm, 0));
            assertEquals(1, count(kernel, cpu, VmStatItem.COMPACT_SUCCESS));
            assertEquals(0, count(kernel, cpu, VmStatItem.THP_COLLAPSE_ALLOC_FAILED));
            check(kernel, cpu, mm, 1, 512);
            atRest(kernel, cpu, mm, other);
            kernel.mms().mmput(cpu, mm);
            kernel.mms().mmput(cpu, other);
        });
    }

    /** A second address space has every second frame of what was free. */
    private static long scattered(Kernel kernel, Cpu cpu) {
        long other = kernel.mms().mmAlloc(cpu);
        // No huge page fits there.
        long at = BASE + HugePages.SIZE / 2;
        // Tables of ptes cannot be moved: all of them first.
        for (int i = 0; i < 64; i++) {
            map(kernel, cpu, other, at + i * HugePages.SIZE, HugePages.SIZE / 2);
            assertEquals(0, kernel.userAccess().store64(cpu, other, at + i * HugePages.SIZE, 1));
        }
        int pages = 0;
        while (kernel.pages().watermarkOk(cpu, 0, kernel.pages().highWatermark() + 64)) {
            assertEquals(0, kernel.userAccess().store64(cpu, other, apart(at, pages), 1));
            pages++;
        }
        for (int i = 0; i < pages; i += 2) {
            assertEquals(0, kernel.mmap().madviseDontneed(cpu, other, apart(at, i), PAGE));
        }
        return other;
    }

    /** Page {@code i} of pieces of half a huge page, half a huge page apart. */
    private static long apart(long at, int i) {
        return at + i / 256 * HugePages.SIZE + i % 256 * PAGE;
    }

    /** All of memory is in use, and may be swapped out: as much is as compaction needs. */
    @Test
    void shouldReclaimWhereNoFrameIsFree() {
        run("native", 8192, (kernel, cpu) -> {
            long mm = holed(kernel, cpu, 1);
            long other = kernel.mms().mmAlloc(cpu);
            map(kernel, cpu, other, BASE, 16 * HugePages.SIZE);
            for (int i = 0; count(kernel, cpu, VmStatItem.THP_FAULT_FALLBACK) == 0; i++) {
                assertEquals(0, kernel.userAccess().store64(cpu, other, BASE + i * HugePages.SIZE, 1));
            }
            assertFalse(kernel.pages().watermarkOk(cpu, 0, kernel.pages().highWatermark() + 512));
            scan(kernel, cpu, 4096);
            assertTrue(kernel.pages().watermarkOk(cpu, 0, kernel.pages().lowWatermark() + 1024));
            assertTrue(count(kernel, cpu, VmStatItem.PSWPOUT) > 0);
            assertEquals(1, count(kernel, cpu, VmStatItem.COMPACT_STALL));
            kernel.mms().mmput(cpu, other);
            kernel.mms().mmput(cpu, mm);
        });
    }

    /** What failed is tried again after two requests, then after four. */
    @Test
    void shouldPutOffWhatIsInVain() {
        run("native", 0, (kernel, cpu) -> {
            long mm = holed(kernel, cpu, 1);
            long other = scattered(kernel, cpu);
            long at = BASE + HugePages.SIZE / 2;
            // Of all that could be moved.
            List<Long> pinned = new ArrayList<>();
            for (int i = 0; i < 64 * 256; i++) {
                if (cpu.readOnce64(kernel.pageTable().find(cpu, other, apart(at, i))) != 0) {
                    pinned.add(kernel.userAccess().pin(cpu, other, apart(at, i)));
                }
            }
            StringBuilder tried = new StringBuilder();
            for (int i = 0; i < 8; i++) {
                long before = count(kernel, cpu, VmStatItem.COMPACT_FAIL);
                // Only what was used lately is worth a huge page.
                check(kernel, cpu, mm, 1, 512);
                assertTrue(scan(kernel, cpu, 1 << 20));
                tried.append(count(kernel, cpu, VmStatItem.COMPACT_FAIL) == before ? '.' : 'x');
            }
            assertEquals("x.x...x.", tried.toString());
            pinned.forEach(page -> kernel.pages().putPage(cpu, page));
            kernel.mms().mmput(cpu, mm);
            kernel.mms().mmput(cpu, other);
        });
    }

    @Test
    void shouldSayWhatIsAllowed() {
        KernelConfig config = KernelConfig.of(0);
        assertThrows(IllegalArgumentException.class, () -> config.withKhugepaged(1));
        assertThrows(IllegalArgumentException.class, () -> CollapseRuleSets.byName("sometimes"));
    }
}

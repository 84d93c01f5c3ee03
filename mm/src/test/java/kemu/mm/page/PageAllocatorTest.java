package kemu.mm.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.hw.mem.KernelBug;
import kemu.kernel.context.Task;
import kemu.kernel.task.Sched;
import kemu.mm.Kernel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageAllocatorTest {
    private static final long MIB = 1 << 20;

    private record Block(long page, int order) {}

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldHandOutEveryFrameOnceWhenAllocatedAtRandom(String kind) {
        Kernel kernel = TestKernel.boot(kind, 16 * MIB, 2, 1);
        try (Machine machine = kernel.machine()) {
            Cpu cpu = machine.bootCpu();
            PageAllocator pages = kernel.pages();
            long atBoot = pages.freePageCount(cpu);
            long held = TestKernel.pagesHeld(kernel);
            assertTrue(pages.totalPages() - atBoot < 100, "boot keeps a few slabs");
            pages.drainAll(cpu);
            String bootBlocks = blocks(kernel);
            randomAllocAndFree(kernel, cpu, atBoot);
            pages.drainAll(cpu);
            assertEquals(atBoot, pages.freePageCount(cpu));
            assertEquals("", pages.audit().auditFree(cpu));
            assertEquals(bootBlocks, blocks(kernel), "all blocks merge again");
            assertEquals(held, TestKernel.pagesHeld(kernel), pages.audit().describeLeaks(cpu, new BitSet()));
        }
    }

    private static void randomAllocAndFree(Kernel kernel, Cpu cpu, long atBoot) {
        PageAllocator pages = kernel.pages();
        SplittableRandom random = new SplittableRandom(7);
        List<Block> held = new ArrayList<>();
        boolean[] used = new boolean[(int) (kernel.machine().memory().sizeBytes() >> 12)];
        long inUse = 0;
        for (int i = 0; i < 20_000; i++) {
            if (random.nextInt(100) < 55) {
                int order = random.nextInt(4) == 0 ? random.nextInt(Zone.MAX_ORDER) : 0;
                long page = pages.allocPages(cpu, Gfp.NOWAIT, order);
                if (page != 0) {
                    mark(pages, used, page, order, true);
                    assertEquals(1, Page.COUNT.get(cpu, page));
                    held.add(new Block(page, order));
                    inUse += 1L << order;
                }
            } else if (!held.isEmpty()) {
                Block block = held.remove(random.nextInt(held.size()));
                mark(pages, used, block.page, block.order, false);
                pages.freePages(cpu, block.page, block.order);
                inUse -= 1L << block.order;
            }
            assertEquals(atBoot - inUse, pages.freePageCount(cpu));
        }
        assertEquals("", pages.audit().auditFree(cpu));
        long reserved = kernel.slabs().caches()[0].slabPages(cpu) == 0 ? 0 : 1;
        assertTrue(pages.audit().pagesInUse(cpu) >= inUse + reserved);
        for (Block block : held) {
            pages.freePages(cpu, block.page, block.order);
        }
    }

    private static void mark(PageAllocator pages, boolean[] used, long page, int order, boolean value) {
        long pfn = pages.pfnOf(page);
        assertEquals(0, pfn & (1L << order) - 1, "blocks are aligned");
        for (int i = 0; i < 1 << order; i++) {
            assertNotEquals(value, used[(int) pfn + i], "frame is free or used once");
            used[(int) pfn + i] = value;
        }
    }

    private static String blocks(Kernel kernel) {
        StringBuilder out = new StringBuilder();
        Cpu cpu = kernel.machine().bootCpu();
        for (int order = 0; order < Zone.MAX_ORDER; order++) {
            out.append(Zone.nrFree(cpu, kernel.pages().zone(), order)).append(' ');
        }
        return out.toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldReuseHotPageFirstWhenFreed(String kind) {
        Kernel kernel = TestKernel.boot(kind, 8 * MIB, 1, 1);
        try (Machine machine = kernel.machine()) {
            Cpu cpu = machine.bootCpu();
            long a = kernel.pages().allocPages(cpu, Gfp.KERNEL, 0);
            long b = kernel.pages().allocPages(cpu, Gfp.KERNEL, 0);
            kernel.pages().putPage(cpu, a);
            kernel.pages().putPage(cpu, b);
            assertEquals(b, kernel.pages().allocPages(cpu, Gfp.KERNEL, 0));
            assertEquals(a, kernel.pages().allocPages(cpu, Gfp.KERNEL, 0));
        }
    }

    @Test
    void shouldClearFrameWhenAskedTo() {
        Kernel kernel = TestKernel.boot("native", 8 * MIB, 1, 1);
        try (Machine machine = kernel.machine()) {
            Cpu cpu = machine.bootCpu();
            long page = kernel.pages().allocPages(cpu, Gfp.KERNEL, 0);
            long frame = kernel.pages().frameOf(page);
            assertEquals(page, kernel.pages().pageOf(frame + 8));
            cpu.write64(frame + 8, 42);
            kernel.pages().putPage(cpu, page);
            assertEquals(page, kernel.pages().allocPages(cpu, Gfp.KERNEL | Gfp.ZERO, 0));
            assertEquals(0, cpu.read64(frame + 8));
        }
    }

    @Test
    void shouldKeepReservesWhenGfpMayNotUseThem() {
        Kernel kernel = TestKernel.boot("native", 16 * MIB, 1, 1);
        try (Machine machine = kernel.machine()) {
            Cpu cpu = machine.bootCpu();
            long min = kernel.pages().minWatermark();
            assertEquals(min, exhaust(kernel, cpu, Gfp.KERNEL | Gfp.NORETRY));
            assertEquals(min - min / 2 - (min - min / 2) / 4, exhaust(kernel, cpu, Gfp.ATOMIC), "goes deeper");
            assertEquals(0, kernel.pages().allocPages(cpu, Gfp.KERNEL, 3), "nor is there a block");
            Task.FLAGS.setBits(cpu, Sched.current(cpu), Task.PF_MEMALLOC);
            assertEquals(0, exhaust(kernel, cpu, Gfp.KERNEL), "who reclaims may use the last page");
        }
    }

    private static long exhaust(Kernel kernel, Cpu cpu, int gfp) {
        long page = kernel.pages().allocPages(cpu, gfp, 0);
        while (page != 0) {
            page = kernel.pages().allocPages(cpu, gfp, 0);
        }
        return kernel.vmStat().sum(cpu, VmStatItem.NR_FREE_PAGES);
    }

    @Test
    void shouldReportBadPageWhenFreedInWrongState() {
        assertBad("nonzero mapcount", (cpu, page) -> Page.MAPCOUNT.set(cpu, page, 0));
        assertBad("non-NULL mapping", (cpu, page) -> Page.MAPPING.set(cpu, page, 0x4000));
        assertBad("slab", (cpu, page) -> Page.FLAGS.set(cpu, page, Page.PG_SLAB));
        assertBad("locked", (cpu, page) -> Page.FLAGS.set(cpu, page, Page.PG_LOCKED));
        assertBad("writeback", (cpu, page) -> Page.FLAGS.set(cpu, page, Page.PG_WRITEBACK));
        assertBad("unevictable", (cpu, page) -> Page.FLAGS.set(cpu, page, Page.PG_UNEVICTABLE));
    }

    private interface Damage {
        void apply(Cpu cpu, long page);
    }

    private static void assertBad(String reason, Damage damage) {
        Kernel kernel = TestKernel.boot("native", 8 * MIB, 1, 1);
        try (Machine machine = kernel.machine()) {
            Cpu cpu = machine.bootCpu();
            long page = kernel.pages().allocPages(cpu, Gfp.KERNEL, 0);
            damage.apply(cpu, page);
            KernelBug bug = assertThrows(KernelBug.class, () -> kernel.pages().putPage(cpu, page));
            assertTrue(bug.getMessage().startsWith("BUG: Bad page state in process idle:"), bug.getMessage());
            assertTrue(bug.getMessage().contains(reason), bug.getMessage());
        }
    }

    @Test
    void shouldReportBadPageWhenFreePageWasTouched() {
        Kernel kernel = TestKernel.boot("native", 8 * MIB, 1, 1);
        try (Machine machine = kernel.machine()) {
            Cpu cpu = machine.bootCpu();
            long page = kernel.pages().allocPages(cpu, Gfp.KERNEL, 0);
            kernel.pages().putPage(cpu, page);
            Page.get(cpu, page);
            KernelBug bug = assertThrows(KernelBug.class, () -> kernel.pages().allocPages(cpu, Gfp.KERNEL, 0));
            assertTrue(bug.getMessage().contains("nonzero _count"), bug.getMessage());
        }
    }

    @Test
    void shouldReportDoubleFree() {
        Kernel kernel = TestKernel.boot("native", 8 * MIB, 1, 1);
        try (Machine machine = kernel.machine()) {
            Cpu cpu = machine.bootCpu();
            long page = kernel.pages().allocPages(cpu, Gfp.KERNEL, 0);
            long block = kernel.pages().allocPages(cpu, Gfp.KERNEL, 3);
            kernel.pages().freePages(cpu, page, 0);
            kernel.pages().freePages(cpu, block, 3);
            KernelBug bug = assertThrows(KernelBug.class, () -> kernel.pages().freePages(cpu, page, 0));
            assertTrue(bug.getMessage().contains("double free"), bug.getMessage());
            bug = assertThrows(KernelBug.class, () -> kernel.pages().freePages(cpu, block, 3));
            assertTrue(bug.getMessage().contains("double free"), bug.getMessage());
            bug = assertThrows(KernelBug.class, () -> kernel.pages().putPage(cpu, page));
            assertTrue(bug.getMessage().contains("put_page of a free page"), bug.getMessage());
        }
    }

    @Test
    void shouldClearAnonymousMappingAndCountMlockedPageWhenFreed() {
        Kernel kernel = TestKernel.boot("native", 8 * MIB, 1, 1);
        try (Machine machine = kernel.machine()) {
            Cpu cpu = machine.bootCpu();
            long page = kernel.pages().allocPages(cpu, Gfp.KERNEL, 0);
            Page.MAPPING.set(cpu, page, 0x4000 | Page.MAPPING_ANON);
            Page.FLAGS.set(cpu, page, Page.PG_MLOCKED | Page.PG_UPTODATE | Page.PG_SWAPBACKED);
            kernel.vmStat().inc(cpu, VmStatItem.NR_MLOCK);
            kernel.pages().putPage(cpu, page);
            assertEquals(0, Page.MAPPING.get(cpu, page));
            assertEquals(0, kernel.vmStat().sum(cpu, VmStatItem.NR_MLOCK));
            assertEquals(1, kernel.vmStat().sum(cpu, VmStatItem.UNEVICTABLE_MLOCKFREED));
            assertEquals("", kernel.pages().audit().auditFree(cpu));
        }
    }

    @Test
    void shouldLetLastReferenceFreeWholeBlockWhenFreedUnderSpeculativeReference() {
        Kernel kernel = TestKernel.boot("native", 8 * MIB, 1, 1);
        try (Machine machine = kernel.machine()) {
            Cpu cpu = machine.bootCpu();
            long free = kernel.pages().freePageCount(cpu);
            long block = kernel.pages().allocPages(cpu, Gfp.KERNEL, 2);
            assertTrue(Page.getUnlessZero(cpu, block));
            kernel.pages().freePages(cpu, block, 2);
            assertEquals(free - 4, kernel.pages().freePageCount(cpu));
            kernel.pages().putPage(cpu, block);
            assertEquals(free, kernel.pages().freePageCount(cpu));
            assertFalse(Page.getUnlessZero(cpu, block));
            assertEquals("", kernel.pages().audit().auditFree(cpu));
        }
    }

    @Test
    void shouldListLeakedPage() {
        Kernel kernel = TestKernel.boot("native", 8 * MIB, 1, 1);
        try (Machine machine = kernel.machine()) {
            Cpu cpu = machine.bootCpu();
            long atBoot = TestKernel.pagesHeld(kernel);
            long page = kernel.pages().allocPages(cpu, Gfp.KERNEL, 0);
            assertEquals(atBoot + 1, TestKernel.pagesHeld(kernel));
            String leaks = kernel.pages().audit().describeLeaks(cpu, new BitSet());
            assertTrue(leaks.contains("page:0x" + Long.toHexString(page)), leaks);
        }
    }

    @Test
    void shouldKeepAccountsWhenAllCpusAllocateAndFreeNatively() {
        stress("native", 4, 50_000, 1);
    }

    @Test
    void shouldKeepAccountsWhenAllCpusAllocateAndFreeEmulated() {
        for (int seed = 0; seed < 300; seed++) {
            stress("emu", 4, 60, seed);
        }
    }

    private static void stress(String kind, int cpus, int rounds, long seed) {
        Kernel kernel = TestKernel.boot(kind, 8 * MIB, cpus, seed);
        try (Machine machine = kernel.machine()) {
            long atBoot = TestKernel.pagesHeld(kernel);
            TestKernel.runOnAll(kernel, (cpu, id) -> hammer(kernel, cpu, rounds, seed * 64 + id));
            Cpu cpu = machine.bootCpu();
            assertEquals("", kernel.pages().audit().auditFree(cpu), "seed " + seed);
            assertEquals(atBoot, TestKernel.pagesHeld(kernel), "seed " + seed);
        }
    }

    private static void hammer(Kernel kernel, Cpu cpu, int rounds, long seed) {
        PageAllocator pages = kernel.pages();
        SplittableRandom random = new SplittableRandom(seed);
        List<Block> held = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            if (held.size() < 40 && random.nextInt(5) < 3) {
                int order = random.nextInt(8) == 0 ? random.nextInt(4) : 0;
                long page = pages.allocPages(cpu, Gfp.NOWAIT, order);
                if (page != 0) {
                    cpu.write64(pages.frameOf(page) + 64, page);
                    held.add(new Block(page, order));
                }
            } else if (!held.isEmpty()) {
                Block block = held.remove(random.nextInt(held.size()));
                assertEquals(block.page, cpu.read64(pages.frameOf(block.page) + 64), "nobody else wrote it");
                pages.freePages(cpu, block.page, block.order);
            }
            if (random.nextInt(50) == 0) {
                pages.drainAll(cpu);
            }
        }
        for (Block block : held) {
            pages.freePages(cpu, block.page, block.order);
        }
    }
}

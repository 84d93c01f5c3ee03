package kemu.mm.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.mm.Kernel;
import kemu.rcu.list.ListHead;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LruTest {
    private static final long MIB = 1 << 20;

    private static long newPage(Kernel kernel, Cpu cpu, boolean anon) {
        long page = kernel.pages().allocPages(cpu, Gfp.NOWAIT, 0);
        Page.FLAGS.set(cpu, page, Page.PG_UPTODATE | (anon ? Page.PG_SWAPBACKED : 0));
        return page;
    }

    private static void assertSound(Kernel kernel, String where) {
        Cpu cpu = kernel.machine().bootCpu();
        assertEquals("", kernel.lru().audit(cpu), where);
        assertEquals("", kernel.pages().audit().auditFree(cpu), where);
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldPutPageOnListOfItsFlagsWhenDrained(String kind) {
        Kernel kernel = TestKernel.boot(kind, 8 * MIB, 1, 1);
        try (Machine machine = kernel.machine()) {
            Cpu cpu = machine.bootCpu();
            Lru lru = kernel.lru();
            long atBoot = TestKernel.pagesHeld(kernel);
            long anon = newPage(kernel, cpu, true);
            long file = newPage(kernel, cpu, false);
            lru.add(cpu, anon, true);
            lru.add(cpu, file, false);
            assertFalse(Page.test(cpu, anon, Page.PG_LRU), "in the pagevec");
            assertEquals(2, Page.COUNT.get(cpu, anon));
            lru.drain(cpu);
            assertEquals(1, lru.size(cpu, Lru.ACTIVE_ANON));
            assertEquals(1, lru.size(cpu, Lru.INACTIVE_FILE));
            assertEquals(1, Page.COUNT.get(cpu, anon));
            assertSound(kernel, "drained");
            lru.markAccessed(cpu, file);
            assertEquals(1, lru.size(cpu, Lru.INACTIVE_FILE));
            lru.markAccessed(cpu, file);
            lru.drain(cpu);
            assertEquals(1, lru.size(cpu, Lru.ACTIVE_FILE));
            kernel.pages().putPage(cpu, anon);
            kernel.pages().putPage(cpu, file);
            assertEquals(0, lru.size(cpu, Lru.ACTIVE_ANON) + lru.size(cpu, Lru.ACTIVE_FILE));
            assertSound(kernel, "freed");
            assertEquals(atBoot, TestKernel.pagesHeld(kernel));
        }
    }

    @Test
    void shouldKeepPageOffListsWhileIsolated() {
        Kernel kernel = TestKernel.boot("native", 8 * MIB, 1, 1);
        try (Machine machine = kernel.machine()) {
            Cpu cpu = machine.bootCpu();
            Lru lru = kernel.lru();
            long page = newPage(kernel, cpu, true);
            assertFalse(lru.isolate(cpu, page), "on no list yet");
            lru.add(cpu, page, false);
            lru.drain(cpu);
            assertTrue(lru.isolate(cpu, page));
            assertFalse(lru.isolate(cpu, page), "isolated already");
            assertEquals(2, Page.COUNT.get(cpu, page));
            assertEquals(0, lru.size(cpu, Lru.INACTIVE_ANON));
            Page.FLAGS.setBits(cpu, page, Page.PG_MLOCKED);
            kernel.vmStat().inc(cpu, VmStatItem.NR_MLOCK);
            lru.putback(cpu, page);
            assertEquals(1, lru.size(cpu, Lru.UNEVICTABLE));
            assertEquals(1, kernel.vmStat().sum(cpu, VmStatItem.UNEVICTABLE_PGCULLED));
            assertTrue(lru.isolate(cpu, page));
            Page.FLAGS.clearBits(cpu, page, Page.PG_MLOCKED);
            kernel.vmStat().add(cpu, VmStatItem.NR_MLOCK, -1);
            lru.putback(cpu, page);
            lru.drain(cpu);
            assertEquals(0, lru.size(cpu, Lru.UNEVICTABLE));
            assertEquals(1, lru.size(cpu, Lru.INACTIVE_ANON));
            assertEquals(1, kernel.vmStat().sum(cpu, VmStatItem.UNEVICTABLE_PGRESCUED));
            assertEquals(1, Page.COUNT.get(cpu, page));
            assertSound(kernel, "put back");
        }
    }

    @Test
    void shouldTakeColdestPagesFirstWhenBatchIsIsolated() {
        Kernel kernel = TestKernel.boot("native", 8 * MIB, 1, 1);
        try (Machine machine = kernel.machine()) {
            Cpu cpu = machine.bootCpu();
            Lru lru = kernel.lru();
            List<Long> pages = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                long page = newPage(kernel, cpu, true);
                lru.add(cpu, page, false);
                pages.add(page);
            }
            lru.drain(cpu);
            long head = kernel.pages().frameOf(kernel.pages().allocPages(cpu, Gfp.NOWAIT, 0));
            ListHead.init(cpu, head);
            assertEquals(32, lru.isolateBatch(cpu, Lru.INACTIVE_ANON, 32, head));
            assertEquals(32, kernel.vmStat().sum(cpu, VmStatItem.NR_ISOLATED_ANON));
            assertEquals(68, lru.size(cpu, Lru.INACTIVE_ANON));
            int i = 0;
            for (long node = ListHead.last(cpu, head); node != head; node = ListHead.prev(cpu, node)) {
                assertEquals(pages.get(i++), Page.ofLru(node));
                Page.FLAGS.setBits(cpu, Page.ofLru(node), Page.PG_ACTIVE);
            }
            kernel.pages().putPage(cpu, pages.get(3));
            lru.putbackBatch(cpu, head, Lru.INACTIVE_ANON);
            assertTrue(ListHead.empty(cpu, head));
            assertEquals(0, kernel.vmStat().sum(cpu, VmStatItem.NR_ISOLATED_ANON));
            assertEquals(31, lru.size(cpu, Lru.ACTIVE_ANON), "one lost its last reference meanwhile");
            assertSound(kernel, "put back");
        }
    }

    @Test
    void shouldReleaseManyPagesAtOnce() {
        Kernel kernel = TestKernel.boot("native", 8 * MIB, 1, 1);
        try (Machine machine = kernel.machine()) {
            Cpu cpu = machine.bootCpu();
            long array = kernel.pages().frameOf(kernel.pages().allocPages(cpu, Gfp.NOWAIT, 0));
            long free = kernel.pages().freePageCount(cpu);
            long extra = 0;
            for (int i = 0; i < 200; i++) {
                long page = newPage(kernel, cpu, i % 2 == 0);
                if (i % 3 != 0) {
                    kernel.lru().add(cpu, page, false);
                }
                if (i == 77) {
                    Page.get(cpu, page);
                    extra = page;
                }
                cpu.write64(array + i * 8L, page);
            }
            kernel.lru().drain(cpu);
            kernel.pages().releasePages(cpu, array, 200);
            assertEquals(free - 1, kernel.pages().freePageCount(cpu));
            assertEquals(1, Page.COUNT.get(cpu, extra));
            kernel.pages().putPage(cpu, extra);
            assertEquals(free, kernel.pages().freePageCount(cpu));
            assertSound(kernel, "released");
        }
    }

    @Test
    void shouldStaySoundWhenAllCpusUseListsNatively() {
        stress("native", 30_000, 1);
    }

    @Test
    void shouldStaySoundWhenAllCpusUseListsEmulated() {
        for (int seed = 0; seed < 300; seed++) {
            stress("emu", 60, seed);
        }
    }

    /** Pages of a shared table are added, isolated, put back, activated and dropped by four CPUs. */
    private static void stress(String kind, int rounds, long seed) {
        Kernel kernel = TestKernel.boot(kind, 8 * MIB, 4, seed);
        try (Machine machine = kernel.machine()) {
            Cpu boot = machine.bootCpu();
            long atBoot = TestKernel.pagesHeld(kernel);
            long shared = kernel.pages().frameOf(kernel.pages().allocPages(boot, Gfp.NOWAIT | Gfp.ZERO, 0));
            TestKernel.runOnAll(kernel, (cpu, id) -> hammer(kernel, cpu, shared, rounds, seed * 64 + id));
            for (int i = 0; i < SLOTS; i++) {
                long page = boot.xchg64(shared + i * 8L, 0, 0);
                if (page != 0) {
                    kernel.pages().putPage(boot, page);
                }
            }
            assertSound(kernel, "seed " + seed);
            assertEquals(
                    atBoot + 1,
                    TestKernel.pagesHeld(kernel),
                    kernel.pages().audit().describeLeaks(boot, new BitSet()));
            for (int list = 0; list < Zone.NR_LRU_LISTS; list++) {
                assertEquals(0, kernel.lru().size(boot, list));
            }
        }
    }

    private static final int SLOTS = 24;

    private static void hammer(Kernel kernel, Cpu cpu, long shared, int rounds, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < rounds; i++) {
            long slot = shared + random.nextInt(SLOTS) * 8L;
            long page = cpu.xchg64(slot, 0, 0);
            if (page == 0) {
                page = newPage(kernel, cpu, random.nextBoolean());
                kernel.lru().add(cpu, page, random.nextInt(4) == 0);
            }
            use(kernel, cpu, page, random.nextInt(6));
            long old = cpu.xchg64(slot, page, 0);
            if (old != 0) {
                kernel.pages().putPage(cpu, old);
            }
            if (random.nextInt(40) == 0) {
                kernel.lru().drainAll(cpu);
            }
        }
        kernel.lru().drain(cpu);
    }

    private static void use(Kernel kernel, Cpu cpu, long page, int how) {
        Lru lru = kernel.lru();
        switch (how) {
            case 0, 1 -> lru.markAccessed(cpu, page);
            case 2 -> lru.rotateReclaimable(cpu, page);
            case 3 -> {
                if (lru.isolate(cpu, page)) {
                    lru.putback(cpu, page);
                }
            }
            default -> isolateSome(kernel, cpu, how);
        }
    }

    private static void isolateSome(Kernel kernel, Cpu cpu, int list) {
        long page = kernel.pages().allocPages(cpu, Gfp.NOWAIT, 0);
        long head = kernel.pages().frameOf(page);
        ListHead.init(cpu, head);
        kernel.lru().isolateBatch(cpu, list % 2 * 2, 8, head);
        kernel.lru().putbackBatch(cpu, head, list % 2 * 2);
        kernel.pages().putPage(cpu, page);
    }
}

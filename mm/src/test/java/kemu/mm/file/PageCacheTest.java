package kemu.mm.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import kemu.hw.cpu.Cpu;
import kemu.kernel.task.Sched;
import kemu.mm.Kernel;
import kemu.mm.page.Page;
import kemu.mm.page.TestKernel;
import kemu.mm.page.VmStatItem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageCacheTest {
    private static void check(Kernel kernel, Cpu cpu, long page, long key, long index) {
        long frame = kernel.pages().frameOf(page);
        for (int word : new int[] {0, 1, 2, 300, 510, 511}) {
            assertEquals(PageCache.contentsOf(key, index, word), cpu.read64(frame + 8 * word));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldGiveTheRightPageWhenCpusReadAndRemove(String kind) {
        for (int seed = 0; seed < (kind.equals("emu") ? 100 : 5); seed++) {
            Kernel kernel = TestKernel.boot(kind, kind.equals("emu") ? 8 << 20 : 64 << 20, 3, seed);
            int rounds = kind.equals("emu") ? 60 : 20_000;
            TestKernel.runOnAll(kernel, (cpu, id) -> {
                readAndRemove(kernel, cpu, id, rounds);
                kernel.lru().drain(cpu);
            });
            Cpu boot = kernel.machine().bootCpu();
            kernel.files().dropCaches(boot);
            assertEquals(0, kernel.files().count(boot), "seed " + seed);
            assertEquals(0, kernel.vmStat().sum(boot, VmStatItem.NR_FILE_PAGES));
            kernel.machine().close();
        }
    }

    private static void readAndRemove(Kernel kernel, Cpu cpu, int id, int rounds) {
        PageCache cache = kernel.pageCache();
        SplittableRandom random = new SplittableRandom(id);
        for (int i = 0; i < rounds; i++) {
            long key = 1 + random.nextInt(2);
            long index = random.nextInt(3) * 70L;
            long mapping = kernel.files().open(cpu, key);
            long page =
                    random.nextInt(4) == 0 ? cache.find(cpu, mapping, index) : cache.findOrRead(cpu, mapping, index);
            if (page != Cpu.NULL) {
                if (Page.test(cpu, page, Page.PG_UPTODATE)) {
                    assertEquals(index, Page.INDEX.get(cpu, page));
                    check(kernel, cpu, page, key, index);
                }
                if (random.nextInt(2) == 0) {
                    remove(kernel, cpu, mapping, page);
                } else {
                    kernel.pages().putPage(cpu, page);
                }
            }
            kernel.files().put(cpu, mapping);
            kernel.lru().drain(cpu);
            Sched.of(kernel.machine()).condResched(cpu);
        }
    }

    private static void remove(Kernel kernel, Cpu cpu, long mapping, long page) {
        kernel.pageLock().lock(cpu, page);
        boolean removed = Page.MAPPING.readOnce(cpu, page) == mapping
                && kernel.pageCache().removeMapping(cpu, page);
        if (removed) {
            assertEquals(0, Page.COUNT.readOnce(cpu, page));
            Page.COUNT.release(cpu, page, 1);
        }
        kernel.pageLock().unlock(cpu, page);
        kernel.pages().putPage(cpu, page);
    }

    @Test
    void shouldReadBackWhatWasWrittenWhenPageWasDropped() {
        Kernel kernel = TestKernel.boot("emu", 8 << 20, 1, 1);
        TestKernel.runOnAll(kernel, (cpu, id) -> {
            PageCache cache = kernel.pageCache();
            long mapping = kernel.files().open(cpu, 42);
            for (long index = 0; index < 300; index += 3) {
                long page = cache.findOrRead(cpu, mapping, index);
                cpu.write64(kernel.pages().frameOf(page) + 8 * 200, index + 7);
                cache.setPageDirty(cpu, page);
                kernel.pages().putPage(cpu, page);
            }
            assertEquals(100, kernel.vmStat().sum(cpu, VmStatItem.NR_DIRTY));
            kernel.lru().drain(cpu);
            cache.dropPages(cpu, mapping);
            assertEquals(0, kernel.vmStat().sum(cpu, VmStatItem.NR_DIRTY));
            assertEquals(0, kernel.vmStat().sum(cpu, VmStatItem.NR_FILE_PAGES));
            assertEquals(Cpu.NULL, cache.find(cpu, mapping, 3));
            assertEquals(100, cache.diskBlocks(cpu));
            for (long index = 0; index < 300; index++) {
                long page = cache.findOrRead(cpu, mapping, index);
                check(kernel, cpu, page, 42, index);
                long written = cpu.read64(kernel.pages().frameOf(page) + 8 * 200);
                assertEquals(index % 3 == 0 ? index + 7 : 0, written);
                kernel.pages().putPage(cpu, page);
            }
            kernel.files().put(cpu, mapping);
            kernel.files().dropCaches(cpu);
            assertEquals(0, kernel.files().count(cpu));
            assertEquals(0, cache.diskBlocks(cpu));
        });
        kernel.machine().close();
    }

    @Test
    void shouldRefuseToRemovePageWhenItIsDirtyOrReferenced() {
        Kernel kernel = TestKernel.boot("emu", 8 << 20, 1, 1);
        TestKernel.runOnAll(kernel, (cpu, id) -> {
            PageCache cache = kernel.pageCache();
            long mapping = kernel.files().open(cpu, 7);
            long page = cache.findOrRead(cpu, mapping, 0);
            kernel.lru().drain(cpu);
            kernel.pageLock().lock(cpu, page);
            Page.get(cpu, page);
            assertFalse(cache.removeMapping(cpu, page), "somebody else has a reference");
            Page.COUNT.add(cpu, page, -1);
            cache.setPageDirty(cpu, page);
            assertFalse(cache.removeMapping(cpu, page), "its contents are nowhere else");
            assertEquals(2, Page.COUNT.readOnce(cpu, page));
            cache.writepage(cpu, page);
            kernel.pageLock().lock(cpu, page);
            assertTrue(cache.removeMapping(cpu, page));
            assertEquals(Cpu.NULL, cache.find(cpu, mapping, 0));
            Page.COUNT.release(cpu, page, 1);
            kernel.pageLock().unlock(cpu, page);
            kernel.pages().putPage(cpu, page);
            kernel.files().put(cpu, mapping);
        });
        kernel.machine().close();
    }

    @Test
    void shouldKeepPageWhenSomebodyHoldsIt() {
        Kernel kernel = TestKernel.boot("emu", 8 << 20, 1, 1);
        TestKernel.runOnAll(kernel, (cpu, id) -> {
            long mapping = kernel.files().open(cpu, 9);
            long page = kernel.pageCache().findOrRead(cpu, mapping, 0);
            kernel.files().put(cpu, mapping);
            kernel.files().dropCaches(cpu);
            assertEquals(1, kernel.files().count(cpu));
            assertEquals(mapping, Page.MAPPING.readOnce(cpu, page));
            kernel.pages().putPage(cpu, page);
            kernel.files().dropCaches(cpu);
            assertEquals(0, kernel.files().count(cpu));
        });
        kernel.machine().close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldKeepOneFilePerKeyWhenCpusOpenAndPrune(String kind) {
        for (int seed = 0; seed < (kind.equals("emu") ? 100 : 5); seed++) {
            Kernel kernel = TestKernel.boot(kind, 8 << 20, 3, seed);
            int rounds = kind.equals("emu") ? 50 : 20_000;
            TestKernel.runOnAll(kernel, (cpu, id) -> {
                SplittableRandom random = new SplittableRandom(id);
                for (int i = 0; i < rounds; i++) {
                    long key = random.nextInt(4);
                    long mapping = kernel.files().open(cpu, key);
                    long again = kernel.files().open(cpu, key);
                    assertEquals(mapping, again);
                    assertEquals(key, AddressSpace.KEY.get(cpu, mapping));
                    kernel.files().put(cpu, mapping);
                    kernel.files().put(cpu, mapping);
                    if (random.nextInt(3) == 0) {
                        kernel.files().prune(cpu);
                    }
                    Sched.of(kernel.machine()).condResched(cpu);
                }
            });
            Cpu boot = kernel.machine().bootCpu();
            kernel.files().prune(boot);
            assertEquals(0, kernel.files().count(boot), "seed " + seed);
            kernel.machine().close();
        }
    }

    @Test
    void shouldFillTheDocumentedWordsOnly() {
        assertNotEquals(PageCache.contentsOf(1, 2, 0), PageCache.contentsOf(1, 3, 0));
        assertNotEquals(PageCache.contentsOf(1, 2, 0), PageCache.contentsOf(2, 2, 0));
        assertNotEquals(PageCache.contentsOf(1, 2, 0), PageCache.contentsOf(1, 2, 511));
        assertEquals(0, PageCache.contentsOf(1, 2, 2));
        assertTrue(PageCache.contentsOf(0, 0, 0) != 0);
    }
}

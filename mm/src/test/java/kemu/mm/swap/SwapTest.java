package kemu.mm.swap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.mem.KernelBug;
import kemu.kernel.task.KernelCore;
import kemu.kernel.task.Sched;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.page.Gfp;
import kemu.mm.page.Page;
import kemu.mm.page.TestKernel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SwapTest {
    private static Kernel boot(String kind, int cpus, long seed, int swapPages) {
        MachineConfig config = MachineConfig.of(8 << 20, cpus).withSeed(seed);
        Machine machine = kind.equals("native") ? KernelCore.bootNative(config) : KernelCore.bootEmulated(config);
        return new Kernel(machine, KernelConfig.of(swapPages));
    }

    /** A page as an anonymous fault leaves it, but mapped nowhere; locked. */
    private static long lockedPage(Kernel kernel, Cpu cpu, long stamp) {
        long page = kernel.pages().allocPages(cpu, Gfp.USER, 0);
        long frame = kernel.pages().frameOf(page);
        for (int i = 0; i < 512; i++) {
            cpu.write64(frame + 8 * i, stamp * 1000 + i);
        }
        Page.FLAGS.setBits(cpu, page, Page.PG_SWAPBACKED | Page.PG_UPTODATE);
        kernel.pageLock().lock(cpu, page);
        return page;
    }

    private static void checkStamp(Kernel kernel, Cpu cpu, long page, long stamp) {
        long frame = kernel.pages().frameOf(page);
        for (int i = 0; i < 512; i++) {
            assertEquals(stamp * 1000 + i, cpu.read64(frame + 8 * i));
        }
    }

    /** Swaps the page of {@link #lockedPage} out for one pte and frees it; returns the entry. */
    private static long swapOut(Kernel kernel, Cpu cpu, long page) {
        Swap swap = kernel.swap();
        assertTrue(swap.addToSwap(cpu, page));
        long entry = Page.PRIVATE.get(cpu, page);
        swap.duplicate(cpu, entry);
        swap.writepage(cpu, page);
        kernel.pageLock().lock(cpu, page);
        assertTrue(swap.removeMapping(cpu, page));
        Page.FLAGS.clearBits(cpu, page, Page.PG_LOCKED);
        kernel.pages().freePages(cpu, page, 0);
        return entry;
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldRestoreEveryByteWhenPageComesBack(String kind) {
        Kernel kernel = boot(kind, 2, 1, 4096);
        TestKernel.runOnAll(kernel, (cpu, id) -> {
            long[] entries = new long[1500];
            // Twice as many pages as the machine has.
            for (int i = 0; i < entries.length; i++) {
                entries[i] = swapOut(kernel, cpu, lockedPage(kernel, cpu, i * 2L + id));
            }
            for (int i = 0; i < entries.length; i++) {
                long page = kernel.swap().readIn(cpu, entries[i]);
                kernel.pageLock().lock(cpu, page);
                checkStamp(kernel, cpu, page, i * 2L + id);
                kernel.swap().free(cpu, entries[i]);
                assertTrue(kernel.swap().tryToFree(cpu, page));
                kernel.pageLock().unlock(cpu, page);
                kernel.pages().putPage(cpu, page);
            }
            kernel.lru().drain(cpu);
        });
        Cpu boot = kernel.machine().bootCpu();
        assertEquals(0, kernel.swap().usedEntries(boot));
        kernel.machine().close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldCountEntriesExactlyWhenCpusDuplicateAndFreeAtRandom(String kind) {
        for (int seed = 0; seed < (kind.equals("emu") ? 50 : 3); seed++) {
            Kernel kernel = boot(kind, 3, seed, 100);
            int rounds = kind.equals("emu") ? 100 : 20_000;
            TestKernel.runOnAll(kernel, (cpu, id) -> randomUse(kernel, cpu, id, rounds));
            assertEquals(0, kernel.swap().usedEntries(kernel.machine().bootCpu()));
            kernel.machine().close();
        }
    }

    private static void randomUse(Kernel kernel, Cpu cpu, int id, int rounds) {
        Swap swap = kernel.swap();
        SplittableRandom random = new SplittableRandom(id);
        List<Long> held = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            int action = random.nextInt(3);
            if (action == 0 || held.isEmpty()) {
                long page = lockedPage(kernel, cpu, 1);
                if (swap.addToSwap(cpu, page)) {
                    long entry = Page.PRIVATE.get(cpu, page);
                    swap.duplicate(cpu, entry);
                    swap.deleteFromCache(cpu, page);
                    assertEquals(1, swap.swapCount(cpu, entry));
                    held.add(entry);
                }
                kernel.pageLock().unlock(cpu, page);
                kernel.pages().putPage(cpu, page);
            } else if (action == 1) {
                long entry = held.get(random.nextInt(held.size()));
                swap.duplicate(cpu, entry);
                held.add(entry);
            } else {
                swap.free(cpu, held.remove(random.nextInt(held.size())));
            }
            Sched.of(kernel.machine()).condResched(cpu);
        }
        for (long entry : held) {
            swap.free(cpu, entry);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldShareOnePageWhenCpusReadTheSameEntryAndFreeIt(String kind) {
        for (int seed = 0; seed < (kind.equals("emu") ? 200 : 20); seed++) {
            Kernel kernel = boot(kind, 3, seed, 64);
            Cpu boot = kernel.machine().bootCpu();
            long[] entries = new long[8];
            for (int i = 0; i < entries.length; i++) {
                entries[i] = swapOut(kernel, boot, lockedPage(kernel, boot, i));
                kernel.swap().duplicate(boot, entries[i]);
                kernel.swap().duplicate(boot, entries[i]);
            }
            int rounds = kind.equals("emu") ? 3 : 200;
            TestKernel.runOnAll(kernel, (cpu, id) -> {
                SplittableRandom random = new SplittableRandom(id);
                for (int i = 0; i < rounds * entries.length; i++) {
                    int which = random.nextInt(entries.length);
                    long page = kernel.swap().readIn(cpu, entries[which]);
                    assertNotEquals(0, page);
                    kernel.pageLock().lock(cpu, page);
                    // The entry has users, so the page is its page as long as it is in the cache.
                    if (Page.test(cpu, page, Page.PG_SWAPCACHE) && Page.PRIVATE.get(cpu, page) == entries[which]) {
                        checkStamp(kernel, cpu, page, which);
                        if (random.nextInt(3) == 0) {
                            kernel.swap().deleteFromCache(cpu, page);
                        }
                    }
                    kernel.pageLock().unlock(cpu, page);
                    kernel.pages().putPage(cpu, page);
                }
                for (long entry : entries) {
                    kernel.swap().freeSwapAndCache(cpu, entry);
                }
                kernel.lru().drain(cpu);
            });
            boot = kernel.machine().bootCpu();
            kernel.swap().dropUnused(boot);
            assertEquals(0, kernel.swap().usedEntries(boot), "seed " + seed);
            kernel.machine().close();
        }
    }

    @Test
    void shouldReuseOnlyWhenSoleOwner() {
        Kernel kernel = boot("emu", 1, 1, 16);
        Cpu cpu = kernel.machine().bootCpu();
        long page = lockedPage(kernel, cpu, 3);
        assertTrue(kernel.swap().addToSwap(cpu, page));
        long entry = Page.PRIVATE.get(cpu, page);
        kernel.swap().duplicate(cpu, entry);
        Page.MAPCOUNT.add(cpu, page, 1);
        assertEquals(false, kernel.swap().reuse(cpu, page), "one pte maps it, one holds the entry");
        kernel.swap().free(cpu, entry);
        assertTrue(kernel.swap().reuse(cpu, page));
        assertEquals(0, kernel.swap().usedEntries(cpu), "the cache gave the entry up");
        Page.MAPCOUNT.add(cpu, page, 1);
        assertEquals(false, kernel.swap().reuse(cpu, page), "two ptes");
        Page.MAPCOUNT.add(cpu, page, -2);
        kernel.pageLock().unlock(cpu, page);
        kernel.pages().putPage(cpu, page);
        kernel.machine().close();
    }

    @Test
    void shouldRefuseToRemovePageWhenItIsDirtyOrReferenced() {
        Kernel kernel = boot("emu", 1, 1, 16);
        Cpu cpu = kernel.machine().bootCpu();
        Swap swap = kernel.swap();
        long page = lockedPage(kernel, cpu, 3);
        assertTrue(swap.addToSwap(cpu, page));
        long entry = Page.PRIVATE.get(cpu, page);
        swap.duplicate(cpu, entry);
        assertEquals(false, swap.removeMapping(cpu, page), "its contents are nowhere else");
        swap.writepage(cpu, page);
        kernel.pageLock().lock(cpu, page);
        Page.get(cpu, page);
        assertEquals(false, swap.removeMapping(cpu, page), "somebody else has a reference");
        Page.COUNT.add(cpu, page, -1);
        assertTrue(swap.removeMapping(cpu, page));
        assertEquals(Cpu.NULL, swap.lookup(cpu, entry));
        Page.FLAGS.clearBits(cpu, page, Page.PG_LOCKED);
        kernel.pages().freePages(cpu, page, 0);
        assertEquals(1, swap.usedEntries(cpu));
        swap.free(cpu, entry);
        assertEquals(0, swap.usedEntries(cpu));
        kernel.machine().close();
    }

    @Test
    void shouldSayFullWhenEveryEntryIsTaken() {
        Kernel kernel = boot("emu", 1, 1, 10);
        Cpu cpu = kernel.machine().bootCpu();
        for (int i = 1; i <= 10; i++) {
            assertEquals(i, kernel.swap().getSwapPage(cpu));
        }
        assertEquals(0, kernel.swap().getSwapPage(cpu));
        assertTrue(kernel.swap().full(cpu));
        kernel.machine().close();
    }

    @Test
    void shouldFailWhenUnusedEntryIsFreed() {
        Kernel kernel = boot("emu", 1, 1, 10);
        Cpu cpu = kernel.machine().bootCpu();
        KernelBug bug = assertThrows(KernelBug.class, () -> kernel.swap().free(cpu, 4));
        assertTrue(bug.getMessage().contains("Unused swap offset entry"), bug.getMessage());
        kernel.machine().close();
    }

    @Test
    void shouldHaveNoSwapWhenConfiguredSo() {
        Kernel kernel = boot("emu", 1, 1, 0);
        Cpu cpu = kernel.machine().bootCpu();
        assertEquals(0, kernel.swap().getSwapPage(cpu));
        assertEquals(0, kernel.swap().capacity());
        kernel.machine().close();
    }
}

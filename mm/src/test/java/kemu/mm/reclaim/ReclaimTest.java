package kemu.mm.reclaim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.KernelBug;
import kemu.kernel.task.Sched;
import kemu.kernel.task.TaskBody;
import kemu.mm.Kernel;
import kemu.mm.file.PageCache;
import kemu.mm.page.Gfp;
import kemu.mm.page.Page;
import kemu.mm.page.VmStatItem;
import kemu.mm.process.Processes;
import kemu.mm.types.VmArea;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReclaimTest {
    private static final long BASE = ReclaimLab.BASE;
    private static final int PAGE = ReclaimLab.PAGE;
    private static final int WORDS = PAGE / Long.BYTES;

    private static long stamp(long who, long page, long round) {
        return who << 48 | page << 16 | round + 1;
    }

    /** Touches {@code pages} in rounds, each time checking the stamp of the last round, at a word that varies. */
    private static void cycle(ReclaimLab lab, Cpu cpu, long who, int pages, int rounds) {
        lab.mapAnon(cpu, BASE, pages);
        for (int round = 0; round < rounds; round++) {
            for (int page = 0; page < pages; page++) {
                long word = BASE + (long) page * PAGE + page * 7L % WORDS * Long.BYTES;
                if (round > 0 && !lab.expect(cpu, word, stamp(who, page, round - 1))) {
                    return;
                }
                if (!lab.store(cpu, word, stamp(who, page, round))) {
                    return;
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldKeepStampsWhenWorkingSetIsFourTimesMemory(String kind) {
        boolean emu = kind.equals("emu");
        for (int cpus : new int[] {1, 2, 4}) {
            int memoryPages = emu ? 768 : 4096;
            int pages = memoryPages * 4 / cpus;
            try (ReclaimLab lab = new ReclaimLab(kind, (long) memoryPages * PAGE, cpus, 5, memoryPages * 6)) {
                TaskBody[] bodies = new TaskBody[cpus];
                for (int i = 0; i < cpus; i++) {
                    long who = i + 1L;
                    bodies[i] = cpu -> cycle(lab, cpu, who, pages, 3);
                }
                lab.run(bodies);
                Cpu boot = lab.machine.bootCpu();
                assertTrue(lab.stat(boot, VmStatItem.PSWPOUT) > memoryPages * 3L, "hardly swapped out");
                assertTrue(lab.stat(boot, VmStatItem.PSWPIN) > memoryPages * 3L, "hardly swapped in");
                assertTrue(lab.stat(boot, VmStatItem.PGSTEAL_KSWAPD) > 0, "kswapd did nothing");
                assertEquals(0, lab.stat(boot, VmStatItem.OOM_KILL), lab.oomLines.toString());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldBringFreePagesBackToTheHighWatermarkWhenLoadPauses(String kind) {
        int pages = 1200;
        try (ReclaimLab lab = new ReclaimLab(kind, 4 << 20, 2, 3, 4000)) {
            lab.run(cpu -> {
                cycle(lab, cpu, 1, pages, 1);
                // The last allocation may just have left the low mark; kswapd goes up to the high one if it woke.
                long wakes = -1;
                while (wakes != lab.stat(cpu, VmStatItem.KSWAPD_WAKE)) {
                    wakes = lab.stat(cpu, VmStatItem.KSWAPD_WAKE);
                    Sched.of(lab.machine).sleep(cpu, 20);
                }
                assertTrue(wakes > 0, "kswapd never woke");
                assertTrue(
                        lab.kernel.pages().freePageCount(cpu)
                                > lab.kernel.pages().minWatermark(),
                        "free: " + lab.kernel.pages().freePageCount(cpu));
                assertTrue(lab.kernel.pages().freePageCount(cpu)
                        >= lab.kernel.pages().lowWatermark());
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldDropFilePagesBeforeAnybodyIsKilled(String kind) {
        try (ReclaimLab lab = new ReclaimLab(kind, 4 << 20, 2, 3, 0)) {
            lab.run(cpu -> {
                long fileBase = BASE + (1L << 32);
                lab.map(cpu, fileBase, 2000, VmArea.VM_READ, 77);
                for (int page = 0; page < 2000; page++) {
                    lab.expect(cpu, fileBase + (long) page * PAGE, PageCache.contentsOf(77, page, 0));
                }
                cycle(lab, cpu, 1, 500, 2);
                for (int page = 0; page < 2000; page += 3) {
                    lab.expect(cpu, fileBase + (long) page * PAGE + 8, PageCache.contentsOf(77, page, 1));
                }
                cycle(lab, cpu, 1, 500, 2);
            });
            Cpu boot = lab.machine.bootCpu();
            assertEquals(0, lab.stat(boot, VmStatItem.OOM_KILL), lab.oomLines.toString());
            assertTrue(lab.stat(boot, VmStatItem.PGSTEAL_KSWAPD) + lab.stat(boot, VmStatItem.PGSTEAL_DIRECT) > 1000);
            assertEquals(0, lab.stat(boot, VmStatItem.PSWPOUT));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldWriteSharedPagesToDiskAndReadThemBackWhenMemoryIsShort(String kind) {
        try (ReclaimLab lab = new ReclaimLab(kind, 4 << 20, 2, 3, 0)) {
            int pages = 900;
            lab.run(cpu -> {
                lab.map(cpu, BASE, pages, VmArea.VM_READ | VmArea.VM_WRITE | VmArea.VM_SHARED, 5);
                for (long round = 0; round < 3; round++) {
                    for (int page = 0; page < pages; page++) {
                        long word = BASE + (long) page * PAGE + 64;
                        lab.expect(cpu, word, round == 0 ? 0 : stamp(1, page, round - 1));
                        lab.expect(cpu, word - 64, PageCache.contentsOf(5, page, 0));
                        lab.store(cpu, word, stamp(1, page, round));
                    }
                }
            });
            Cpu boot = lab.machine.bootCpu();
            assertEquals(0, lab.stat(boot, VmStatItem.OOM_KILL), lab.oomLines.toString());
            assertTrue(lab.stat(boot, VmStatItem.PGPGOUT) > pages, "never written back");
            assertEquals(0, lab.kernel.pageCache().diskBlocks(boot));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldKeepADirtyPageThatNothingBacks(String kind) {
        try (ReclaimLab lab = new ReclaimLab(kind, 4 << 20, 1, 3, 100)) {
            lab.run(cpu -> {
                Kernel kernel = lab.kernel;
                long page = kernel.pages().allocPages(cpu, Gfp.USER, 0);
                // As read from swap by somebody who has not mapped it yet, when its entry is freed.
                Page.FLAGS.setBits(cpu, page, Page.PG_UPTODATE | Page.PG_SWAPBACKED | Page.PG_DIRTY);
                kernel.lru().add(cpu, page, false);
                kernel.lru().drain(cpu);
                assertTrue(kernel.lru().isolate(cpu, page), "on a list");
                assertFalse(kernel.vmscan().shrinkPage(cpu, page), "freed under its owner");
                assertEquals(0, lab.stat(cpu, VmStatItem.NR_WRITEBACK));
                kernel.pages().putPage(cpu, page);
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldKillTheBiggestAndOnlyItWhenMemoryIsOut(String kind) {
        for (int swapPages : new int[] {0, 200}) {
            try (ReclaimLab lab = new ReclaimLab(kind, 4 << 20, 2, 3, swapPages)) {
                AtomicLong killed = new AtomicLong();
                AtomicLong survived = new AtomicLong();
                TaskBody small = cpu -> {
                    for (int i = 0; i < 4; i++) {
                        cycle(lab, cpu, 1, 60, 2);
                        Sched.of(lab.machine).sleep(cpu, 1);
                    }
                    survived.addAndGet(Processes.killed(cpu) ? 0 : 1);
                };
                TaskBody big = cpu -> {
                    cycle(lab, cpu, 2, 100_000, 1);
                    killed.addAndGet(Processes.killed(cpu) ? 1 : 0);
                };
                lab.run(small, big, small);
                assertEquals(1, killed.get());
                assertEquals(2, survived.get());
                assertEquals(1, lab.stat(lab.machine.bootCpu(), VmStatItem.OOM_KILL));
                assertEquals(3, lab.oomLines.size(), lab.oomLines.toString());
                assertTrue(lab.oomLines.get(0).matches("Out of memory: Kill process \\d+ \\(proc1\\) score \\d+ .*"));
                assertTrue(lab.oomLines.get(1).startsWith("Killed process "), lab.oomLines.get(1));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldKillOneAfterTheOtherWhenAllWantTooMuch(String kind) {
        try (ReclaimLab lab = new ReclaimLab(kind, 4 << 20, 2, 3, 100)) {
            AtomicLong killed = new AtomicLong();
            TaskBody big = cpu -> {
                cycle(lab, cpu, 2, 100_000, 1);
                killed.addAndGet(Processes.killed(cpu) ? 1 : 0);
            };
            lab.run(big, big, big, big);
            assertEquals(4, killed.get());
            assertEquals(4, lab.stat(lab.machine.bootCpu(), VmStatItem.OOM_KILL));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldPanicWhenMemoryIsOutAndNobodyCanBeKilled(String kind) {
        try (ReclaimLab lab = new ReclaimLab(kind, 4 << 20, 2, 3, 0)) {
            Sched.of(lab.machine)
                    .spawn(
                            lab.machine.bootCpu(),
                            cpu -> {
                                while (lab.kernel.pages().allocPages(cpu, kemu.mm.page.Gfp.KERNEL, 0) != Cpu.NULL) {
                                    Sched.of(lab.machine).condResched(cpu);
                                }
                            },
                            0,
                            "hog",
                            kemu.kernel.context.Task.PF_KTHREAD);
            KernelBug bug = assertThrows(KernelBug.class, lab.machine::run);
            assertTrue(bug.getMessage().startsWith("Kernel panic - not syncing: Out of memory"), bug.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldKeepEverybodysStampsWhenAnonAndFilePagesCompete(String kind) {
        boolean emu = kind.equals("emu");
        for (int seed = 0; seed < (emu ? 6 : 2); seed++) {
            try (ReclaimLab lab = new ReclaimLab(kind, 4 << 20, 3, seed, 4000)) {
                TaskBody[] bodies = new TaskBody[4];
                for (int i = 0; i < bodies.length; i++) {
                    int who = i + 1;
                    bodies[i] = cpu -> mixed(lab, cpu, who, emu ? 3_000 : 100_000);
                }
                lab.run(bodies);
                assertEquals(0, lab.stat(lab.machine.bootCpu(), VmStatItem.OOM_KILL), lab.oomLines.toString());
            }
        }
    }

    private static void mixed(ReclaimLab lab, Cpu cpu, int who, int touches) {
        int pages = 500;
        long fileBase = BASE + (1L << 32);
        long[] model = new long[pages];
        lab.mapAnon(cpu, BASE, pages);
        lab.map(cpu, fileBase, pages, VmArea.VM_READ | VmArea.VM_EXEC, 900);
        SplittableRandom random = new SplittableRandom(who);
        for (int i = 0; i < touches; i++) {
            int page = random.nextInt(pages);
            if (random.nextInt(3) == 0) {
                lab.expect(cpu, fileBase + (long) page * PAGE, PageCache.contentsOf(900, page, 0));
            } else if (random.nextBoolean()) {
                lab.expect(cpu, BASE + (long) page * PAGE, model[page]);
            } else {
                model[page] = stamp(who, page, i);
                lab.store(cpu, BASE + (long) page * PAGE, model[page]);
            }
        }
    }
}

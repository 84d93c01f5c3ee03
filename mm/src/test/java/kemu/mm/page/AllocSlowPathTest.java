package kemu.mm.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicBoolean;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.kernel.context.Task;
import kemu.kernel.task.Sched;
import kemu.mm.Kernel;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AllocSlowPathTest {
    /** Gives back pages from a pile, a few a call, and counts how it was called. */
    private static final class PileReclaimer implements Reclaimer {
        private final Kernel kernel;
        private final Deque<Long> pile = new ArrayDeque<>();
        private int vain;
        private int wakeUps;
        private int reclaims;
        private int kills;
        private boolean mayKill;

        PileReclaimer(Kernel kernel) {
            this.kernel = kernel;
        }

        @Override
        public void wakeKswapd(Cpu cpu) {
            wakeUps++;
        }

        @Override
        public long directReclaim(Cpu cpu, int gfp, int order) {
            reclaims++;
            int flags = Task.FLAGS.readOnce(cpu, Sched.current(cpu));
            assertNotEquals(0, flags & Task.PF_MEMALLOC, "reclaim must not reclaim again");
            return release(cpu, 8);
        }

        @Override
        public boolean outOfMemory(Cpu cpu) {
            kills++;
            return mayKill && release(cpu, 1000) > 0;
        }

        private long release(Cpu cpu, int most) {
            int released = 0;
            while (released < most && !pile.isEmpty()) {
                kernel.pages().putPage(cpu, pile.pop());
                released++;
            }
            return released;
        }
    }

    private static void run(String kind, TestKernel.Body body, Kernel kernel, PileReclaimer reclaimer) {
        try (Machine machine = kernel.machine()) {
            kernel.pages().reclaimer(reclaimer);
            TestKernel.runOnAll(kernel, body);
            assertEquals("", kernel.pages().audit().auditFree(machine.bootCpu()), kind);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldWakeKswapdThenReclaimWhenMemoryRunsLow(String kind) {
        Kernel kernel = TestKernel.boot(kind, 8 << 20, 1, 1);
        PileReclaimer reclaimer = new PileReclaimer(kernel);
        run(
                kind,
                (cpu, id) -> {
                    long low = kernel.pages().lowWatermark();
                    while (kernel.vmStat().zone(cpu, VmStatItem.NR_FREE_PAGES) > low) {
                        reclaimer.pile.push(kernel.pages().allocPages(cpu, Gfp.KERNEL, 0));
                    }
                    assertEquals(0, reclaimer.wakeUps);
                    for (int i = 0; i < 500; i++) {
                        long page = kernel.pages().allocPages(cpu, Gfp.KERNEL, 0);
                        assertNotEquals(0, page);
                        reclaimer.pile.push(page);
                    }
                    assertTrue(reclaimer.wakeUps > 0);
                    assertTrue(reclaimer.reclaims > 0);
                    assertEquals(reclaimer.reclaims, kernel.vmStat().sum(cpu, VmStatItem.ALLOCSTALL));
                    assertEquals(0, reclaimer.kills);
                    int flags = Task.FLAGS.readOnce(cpu, Sched.current(cpu));
                    assertEquals(0, flags & Task.PF_MEMALLOC);
                },
                kernel,
                reclaimer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldKillOnlyWhenReclaimMakesNoProgress(String kind) {
        Kernel kernel = TestKernel.boot(kind, 8 << 20, 1, 1);
        PileReclaimer reclaimer = new PileReclaimer(kernel);
        run(
                kind,
                (cpu, id) -> {
                    Deque<Long> victims = new ArrayDeque<>();
                    long page = kernel.pages().allocPages(cpu, Gfp.KERNEL | Gfp.NORETRY, 0);
                    while (page != 0) {
                        victims.push(page);
                        page = kernel.pages().allocPages(cpu, Gfp.KERNEL | Gfp.NORETRY, 0);
                    }
                    assertEquals(0, reclaimer.kills, "NORETRY kills nobody");
                    assertEquals(0, kernel.pages().allocPages(cpu, Gfp.KERNEL, 0), "no victim left");
                    assertEquals(1, reclaimer.kills);
                    assertEquals(0, kernel.pages().allocPages(cpu, Gfp.KERNEL, 4), "large blocks kill nobody");
                    assertEquals(1, reclaimer.kills);
                    long reclaims = reclaimer.reclaims;
                    assertEquals(0, kernel.pages().allocPages(cpu, Gfp.NOWAIT, 0));
                    assertEquals(reclaims, reclaimer.reclaims, "who may not sleep does not reclaim");
                    for (int i = 0; i < 100; i++) {
                        reclaimer.pile.push(victims.pop());
                    }
                    killFrees(kernel, cpu, reclaimer);
                    long task = Sched.current(cpu);
                    Task.FLAGS.setBits(cpu, task, Task.PF_OOM_VICTIM);
                    exhaust(kernel, cpu);
                    assertEquals(0, kernel.vmStat().zone(cpu, VmStatItem.NR_FREE_PAGES), "a victim gets the reserves");
                    assertEquals(2, reclaimer.kills, "and does not kill");
                },
                kernel,
                reclaimer);
    }

    /** Reclaim finds nothing, but the victim's pages come free when it is killed. */
    private static void killFrees(Kernel kernel, Cpu cpu, PileReclaimer reclaimer) {
        Deque<Long> pile = new ArrayDeque<>(reclaimer.pile);
        reclaimer.pile.clear();
        reclaimer.mayKill = true;
        kernel.pages().reclaimer(new Reclaimer() {
            @Override
            public void wakeKswapd(Cpu waker) {}

            @Override
            public long directReclaim(Cpu reclaiming, int gfp, int order) {
                reclaimer.vain++;
                return 0;
            }

            @Override
            public boolean outOfMemory(Cpu killer) {
                reclaimer.pile.addAll(pile);
                return reclaimer.outOfMemory(killer);
            }
        });
        assertNotEquals(0, kernel.pages().allocPages(cpu, Gfp.KERNEL, 0));
        assertEquals(2, reclaimer.kills);
        assertEquals(17, reclaimer.vain, "16 times in vain, and once after the kill");
        assertFalse(pile.isEmpty());
    }

    private static void exhaust(Kernel kernel, Cpu cpu) {
        long page = kernel.pages().allocPages(cpu, Gfp.KERNEL, 0);
        while (page != 0) {
            page = kernel.pages().allocPages(cpu, Gfp.KERNEL, 0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldFindPagesOnOtherCpusListsBeforeKilling(String kind) {
        Kernel kernel = TestKernel.boot(kind, 32 << 20, 2, 1);
        PileReclaimer reclaimer = new PileReclaimer(kernel);
        AtomicBoolean handed = new AtomicBoolean();
        run(
                kind,
                (cpu, id) -> {
                    if (id == 1) {
                        long page = kernel.pages().allocPages(cpu, Gfp.NOWAIT, 0);
                        kernel.pages().putPage(cpu, page);
                        handed.set(true);
                        Sched.of(kernel.machine()).sleep(cpu, 2);
                        return;
                    }
                    while (!handed.get()) {
                        cpu.relax();
                    }
                    Task.FLAGS.setBits(cpu, Sched.current(cpu), Task.PF_MEMALLOC);
                    exhaust(kernel, cpu);
                    Task.FLAGS.clearBits(cpu, Sched.current(cpu), Task.PF_MEMALLOC);
                    long there = kernel.pages().freePageCount(cpu);
                    assertEquals(0, kernel.vmStat().zone(cpu, VmStatItem.NR_FREE_PAGES));
                    assertEquals(0, kernel.pages().allocPages(cpu, Gfp.KERNEL, 0));
                    assertEquals(there, kernel.vmStat().zone(cpu, VmStatItem.NR_FREE_PAGES), "all lists were drained");
                },
                kernel,
                reclaimer);
    }
}

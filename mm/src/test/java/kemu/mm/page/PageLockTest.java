package kemu.mm.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.hw.mem.KernelBug;
import kemu.kernel.task.Sched;
import kemu.mm.Kernel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageLockTest {
    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldExcludeAndWakeWhenManyTasksLockOnePage(String kind) {
        int seeds = kind.equals("emu") ? 300 : 5;
        int rounds = kind.equals("emu") ? 20 : 2000;
        for (int seed = 0; seed < seeds; seed++) {
            Kernel kernel = TestKernel.boot(kind, 8 << 20, 3, seed);
            try (Machine machine = kernel.machine()) {
                Cpu boot = machine.bootCpu();
                long page = kernel.pages().allocPages(boot, Gfp.NOWAIT | Gfp.ZERO, 0);
                long word = kernel.pages().frameOf(page);
                TestKernel.runOnAll(kernel, (cpu, id) -> {
                    for (int i = 0; i < rounds; i++) {
                        kernel.pageLock().lock(cpu, page);
                        long seen = cpu.readOnce64(word);
                        Sched.of(machine).condResched(cpu);
                        cpu.writeOnce64(word, seen + 1);
                        kernel.pageLock().unlock(cpu, page);
                    }
                });
                assertEquals(3L * rounds, boot.read64(word), "seed " + seed);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldReturnWhenWritebackEnds(String kind) {
        for (int seed = 0; seed < 50; seed++) {
            Kernel kernel = TestKernel.boot(kind, 8 << 20, 2, seed);
            try (Machine machine = kernel.machine()) {
                Cpu boot = machine.bootCpu();
                long page = kernel.pages().allocPages(boot, Gfp.NOWAIT | Gfp.ZERO, 0);
                long word = kernel.pages().frameOf(page);
                Page.FLAGS.setBits(boot, page, Page.PG_WRITEBACK);
                TestKernel.runOnAll(kernel, (cpu, id) -> {
                    if (id == 0) {
                        kernel.pageLock().waitOnWriteback(cpu, page);
                        assertEquals(42, cpu.readOnce64(word), "what the writer stored before");
                    } else {
                        Sched.of(machine).sleep(cpu, 1);
                        cpu.writeOnce64(word, 42);
                        kernel.pageLock().endWriteback(cpu, page);
                    }
                });
                assertFalse(Page.test(boot, page, Page.PG_WRITEBACK));
            }
        }
    }

    @Test
    void shouldReportUnlockOfPageThatIsNotLocked() {
        Kernel kernel = TestKernel.boot("native", 8 << 20, 1, 1);
        try (Machine machine = kernel.machine()) {
            Cpu cpu = machine.bootCpu();
            long page = kernel.pages().allocPages(cpu, Gfp.NOWAIT, 0);
            assertTrue(kernel.pageLock().tryLock(cpu, page));
            assertFalse(kernel.pageLock().tryLock(cpu, page));
            kernel.pageLock().unlock(cpu, page);
            KernelBug bug =
                    assertThrows(KernelBug.class, () -> kernel.pageLock().unlock(cpu, page));
            assertTrue(bug.getMessage().contains("not locked"), bug.getMessage());
        }
    }
}

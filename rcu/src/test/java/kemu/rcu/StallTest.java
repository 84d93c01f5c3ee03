package kemu.rcu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import kemu.hw.mem.KernelBug;
import kemu.kernel.context.Preempt;
import kemu.kernel.task.Sched;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Guarantee C4. */
class StallTest {
    private static List<String> stall(String kind, boolean irqsOff) {
        List<String> lines = Collections.synchronizedList(new ArrayList<>());
        RcuOptions options = RcuOptions.defaults().withFanout(2, 2).withStall(8, lines::add);
        try (RcuBench bench = new RcuBench(kind, 3, 5, options)) {
            long inside = bench.allocate(8, "inside");
            bench.task(1, "culprit", cpu -> {
                bench.rcu.readLock(cpu);
                if (irqsOff) {
                    Preempt.irqDisable(cpu);
                }
                cpu.writeOnce64(inside, 1);
                while (bench.rcu.stalls(cpu) == 0) {
                    cpu.relax();
                }
                if (irqsOff) {
                    Preempt.irqEnable(cpu);
                }
                bench.rcu.readUnlock(cpu);
            });
            bench.task(2, "updater", cpu -> {
                while (cpu.readOnce64(inside) == 0) {
                    Sched.of(bench.machine).sleep(cpu, 1);
                }
                bench.rcu.synchronizeRcu(cpu);
            });
            bench.run();
            assertEquals(1, bench.rcu.stalls(bench.boot()));
            assertTrue(bench.rcu.gracePeriods(bench.boot()) >= 1);
        }
        return lines;
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldReportItselfWhenReaderHoldsGracePeriodUp(String kind) {
        List<String> lines = stall(kind, false);
        if (kind.equals("native") && lines.get(0).equals("INFO: rcu_sched detected stalls on CPUs/tasks:")) {
            // The culprit's host thread came late to its tick and another CPU looked first.
            assertTrue(lines.get(1).startsWith("\t1-....: ("), lines.get(1));
            return;
        }
        assertEquals("INFO: rcu_sched self-detected stall on CPU", lines.get(0));
        assertTrue(lines.get(1).startsWith("\t1-....: ("), lines.get(1));
        assertTrue(lines.get(1).contains("task=culprit:"), lines.get(1));
        assertTrue(lines.get(2).startsWith("\t(t="), lines.get(2));
        assertTrue(lines.stream().anyMatch(line -> line.contains("StallTest")), lines.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldBeReportedByOthersWhenReaderHasInterruptsDisabled(String kind) {
        List<String> lines = stall(kind, true);
        assertEquals("INFO: rcu_sched detected stalls on CPUs/tasks:", lines.get(0));
        assertTrue(lines.get(1).startsWith("\t1-....: ("), lines.get(1));
        assertTrue(lines.get(2).contains("detected by "), lines.get(2));
    }

    @Test
    void shouldHaltMachineWhenSinkThrows() {
        RcuOptions options = RcuOptions.defaults().withStall(5, line -> {
            throw new KernelBug(line);
        });
        try (RcuBench bench = new RcuBench("emu", 2, 1, options)) {
            bench.task(1, "culprit", cpu -> {
                bench.rcu.readLock(cpu);
                while (bench.rcu.stalls(cpu) == 0) {
                    cpu.relax();
                }
            });
            bench.task(0, "updater", bench.rcu::synchronizeRcu);
            assertTrue(assertThrows(KernelBug.class, bench::run).getMessage().startsWith("INFO: rcu_sched"));
        }
    }
}

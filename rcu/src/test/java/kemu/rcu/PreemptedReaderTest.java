package kemu.rcu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.hw.mem.KernelBug;
import kemu.hw.order.Order;
import kemu.kernel.context.Preempt;
import kemu.kernel.context.Task;
import kemu.kernel.task.Sched;
import kemu.rcu.flavors.RcuFlavors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Readers that lose their CPU, and the flavours that treat them wrongly. */
class PreemptedReaderTest {
    private static final int READER_JIFFIES = 4;

    private static void waitFor(Cpu cpu, long jiffies) {
        long until = Machine.of(cpu).jiffies(cpu) + jiffies;
        while (Machine.of(cpu).jiffies(cpu) < until) {
            cpu.relax();
        }
    }

    /**
     * Two readers share each CPU but the first, so that ticks make them take turns; each looks at one object for some
     * ticks. The updater replaces the object, waits for a grace period, and marks the old one as gone.
     *
     * @param underLock whether readers end with preemption disabled, which makes them last until it is enabled
     * @return readers that were preempted while they looked
     */
    private static long look(RcuBench bench, int rounds, boolean underLock) {
        long shared = bench.allocate(8, "pointer");
        long stop = bench.allocate(8, "stop");
        long gone = bench.allocate(8 * (rounds + 1), "gone");
        long preempted = bench.allocate(8, "preempted");
        int cpus = bench.machine.cpus();
        for (int i = 0; i < 2 * (cpus - 1); i++) {
            int on = 1 + i % (cpus - 1);
            bench.task(on, "reader", cpu -> {
                while (cpu.readOnce64(stop) == 0) {
                    long before = Sched.of(bench.machine).switches(cpu, on);
                    bench.rcu.readLock(cpu);
                    long object = cpu.readOnce64(shared);
                    RcuBench.check(cpu.readOnce64(gone + 8 * object) == 0, "reader found an old object");
                    waitFor(cpu, READER_JIFFIES);
                    if (underLock) {
                        Preempt.disable(cpu);
                        bench.rcu.readUnlock(cpu);
                        waitFor(cpu, READER_JIFFIES);
                    }
                    RcuBench.check(cpu.readOnce64(gone + 8 * object) == 0, "object is gone inside a reader");
                    if (Sched.of(bench.machine).switches(cpu, on) != before) {
                        cpu.fetchAdd64(preempted, 1, Order.RELAXED);
                    }
                    if (underLock) {
                        Preempt.enable(cpu);
                    } else {
                        bench.rcu.readUnlock(cpu);
                    }
                }
            });
        }
        bench.task(0, "updater", cpu -> {
            for (int i = 0; i < rounds; i++) {
                cpu.writeOnce64(shared, i + 1);
                bench.rcu.synchronizeRcu(cpu);
                cpu.writeOnce64(gone + 8L * i, 1);
                Sched.of(bench.machine).sleep(cpu, 1 + i % 3);
            }
            cpu.writeOnce64(stop, 1);
        });
        bench.run();
        return bench.boot().read64(preempted);
    }

    @ParameterizedTest
    @CsvSource({
        "native+preempt, 3, 1, 6",
        "emu+preempt, 2, 6, 6",
        "emu+preempt, 3, 6, 5",
        "emu+preempt, 6, 1, 4",
        "tso+preempt, 3, 2, 4",
        "weak+preempt, 3, 2, 4"
    })
    void shouldWaitForReadersThatWerePreempted(String kind, int cpus, int seeds, int rounds) {
        long preempted = 0;
        for (int seed = 1; seed <= seeds; seed++) {
            try (RcuBench bench = RcuBench.small(kind, cpus, seed)) {
                preempted += look(bench, rounds, false);
                assertTrue(bench.rcu.gracePeriods(bench.boot()) >= rounds);
                assertEquals(0, bench.rcu.stalls(bench.boot()));
            }
            try (RcuBench bench = RcuBench.small(kind, cpus, seed)) {
                look(bench, rounds, true);
            }
        }
        assertTrue(preempted > 0, "no reader was preempted");
    }

    @ParameterizedTest
    @ValueSource(strings = {"preempt-forgetful", "preempt-wrong-phase", "preempt-hasty"})
    void shouldConvictFlavorWhenItIsKnownToBeBad(String flavor) {
        assertTrue(Arrays.asList(RcuFlavors.knownBad()).contains(flavor));
        int convicted = 0;
        for (int seed = 1; seed <= 20 && convicted == 0; seed++) {
            try (RcuBench bench = RcuBench.small("emu+" + flavor, 3, seed)) {
                look(bench, 6, flavor.endsWith("hasty"));
            } catch (KernelBug bug) {
                assertTrue(bug.getMessage().startsWith("TEST: object is gone"), bug.getMessage());
                convicted++;
            }
        }
        assertTrue(convicted > 0, flavor + " survived");
    }

    @Test
    void shouldTestEveryFlavorThatIsKnownToBeBad() {
        assertEquals(
                List.of("preempt-forgetful", "preempt-hasty", "preempt-wrong-phase"),
                Arrays.asList(RcuFlavors.knownBad()));
    }

    /** The grace period waits while the reader is off its CPU, and ends once it is over. */
    @ParameterizedTest
    @ValueSource(strings = {"native+preempt", "emu+preempt"})
    void shouldEndGracePeriodOnlyWhenPreemptedReaderHasEnded(String kind) {
        try (RcuBench bench = RcuBench.small(kind, 3, 7)) {
            long stage = bench.allocate(8, "stage");
            bench.task(1, "reader", cpu -> {
                bench.rcu.readLock(cpu);
                cpu.writeOnce64(stage, 1);
                while (cpu.readOnce64(stage) == 1) {
                    cpu.relax();
                }
                RcuBench.check(cpu.readOnce64(stage) == 2, "grace period ended during the reader");
                bench.rcu.readUnlock(cpu);
            });
            bench.task(1, "rival", cpu -> {
                while (cpu.readOnce64(stage) == 0) {
                    Sched.of(bench.machine).condResched(cpu);
                }
                waitFor(cpu, 20);
                cpu.writeOnce64(stage, 2);
            });
            bench.task(2, "updater", cpu -> {
                while (cpu.readOnce64(stage) == 0) {
                    Sched.of(bench.machine).sleep(cpu, 1);
                }
                bench.rcu.synchronizeRcu(cpu);
                RcuBench.check(cpu.readOnce64(stage) == 2, "grace period ended early");
                cpu.writeOnce64(stage, 3);
            });
            bench.run();
            assertEquals(3, bench.boot().read64(stage));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native+preempt", "emu+preempt"})
    void shouldNameTaskWhenPreemptedReaderHoldsGracePeriodUp(String kind) {
        List<String> lines = Collections.synchronizedList(new ArrayList<>());
        RcuOptions options = RcuOptions.defaults().withFanout(2, 2).withStall(12, lines::add);
        long pid;
        try (RcuBench bench = new RcuBench(kind, 4, 3, options)) {
            long culprit = bench.allocate(8, "culprit");
            for (int i = 0; i < 2; i++) {
                boolean guilty = i == 0;
                bench.task(3, "busy", cpu -> {
                    if (guilty) {
                        bench.rcu.readLock(cpu);
                        cpu.writeOnce64(culprit, Task.PID.get(cpu, Sched.current(cpu)));
                    }
                    // The stall counts before it is reported; the reader must last until it is.
                    while (lines.size() < 3) {
                        cpu.relax();
                    }
                    if (guilty) {
                        bench.rcu.readUnlock(cpu);
                    }
                });
            }
            bench.task(0, "updater", cpu -> {
                while (cpu.readOnce64(culprit) == 0) {
                    Sched.of(bench.machine).sleep(cpu, 1);
                }
                bench.rcu.synchronizeRcu(cpu);
            });
            bench.run();
            pid = bench.boot().read64(culprit);
        }
        assertEquals("INFO: rcu_preempt detected stalls on CPUs/tasks:", lines.get(0));
        assertTrue(lines.contains("\tTasks blocked on level-1 rcu_node (CPUs 2-3): P" + pid), lines.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"native+preempt", "emu+preempt"})
    void shouldBeABugWhenReaderSchedules(String kind) {
        try (RcuBench bench = RcuBench.small(kind, 1, 1)) {
            bench.task(0, "sleeper", cpu -> {
                bench.rcu.readLock(cpu);
                Sched.of(bench.machine).schedule(cpu);
            });
            String message = assertThrows(KernelBug.class, bench::run).getMessage();
            assertTrue(message.contains("scheduling while atomic") && message.contains("RCU reader"), message);
        }
    }
}

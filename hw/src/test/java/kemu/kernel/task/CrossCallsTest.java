package kemu.kernel.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.hw.machine.Area;
import kemu.hw.machine.Interrupts;
import kemu.hw.machine.Machine;
import kemu.hw.mem.KernelBug;
import kemu.hw.order.Order;
import kemu.kernel.context.Preempt;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CrossCallsTest {
    private static final int CPUS = 4;

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu", "tso", "weak"})
    void shouldRunEveryCallOnceWhenAllCpusCallEachOther(String kind) {
        for (int seed = 0; seed < Machines.seeds(kind); seed++) {
            try (Machine machine = Machines.of(kind, CPUS, seed)) {
                long page = Machines.memory(machine, 64 * CPUS);
                CrossCalls calls = Sched.of(machine).crossCalls();
                // Only the called CPU writes its word: a call that runs twice at a time or elsewhere loses counts.
                int add = calls.register((cpu, amount) -> {
                    long word = page + 64L * cpu.id();
                    cpu.writeOnce64(word, cpu.readOnce64(word) + amount);
                    assertTrue(Preempt.irqsDisabled(cpu));
                });
                int rounds = Machines.rounds(kind) / 4;
                Machines.runTasks(machine, CPUS, (cpu, i) -> {
                    for (int n = 0; n < rounds; n++) {
                        calls.callMany(cpu, calls.allCpus(), add, 1 + i);
                    }
                });
                for (int i = 0; i < CPUS; i++) {
                    long others = CPUS * (CPUS + 1) / 2 - (1 + i);
                    assertEquals(others * rounds, machine.bootCpu().read64(page + 64L * i));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu", "tso", "weak"})
    void shouldHaveRunWhenCallReturns(String kind) {
        try (Machine machine = Machines.of(kind, CPUS, 1)) {
            long page = Machines.memory(machine, 64);
            CrossCalls calls = Sched.of(machine).crossCalls();
            int count = calls.register((cpu, address) -> cpu.fetchAdd64(address, 1, Order.RELAXED));
            Machines.runTasks(machine, 1, (cpu, i) -> {
                for (int n = 1; n <= 200; n++) {
                    calls.callMany(cpu, 0b1010, count, page);
                    assertEquals(2L * n, cpu.readOnce64(page));
                }
                calls.callMany(cpu, 1L << cpu.id(), count, page);
                assertEquals(400, cpu.readOnce64(page), "a CPU does not call itself");
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu", "tso", "weak"})
    void shouldReportCallWithInterruptsDisabled(String kind) {
        try (Machine machine = Machines.of(kind, 2, 1)) {
            CrossCalls calls = Sched.of(machine).crossCalls();
            int nothing = calls.register((cpu, argument) -> {});
            KernelBug bug = assertThrows(
                    KernelBug.class,
                    () -> Machines.runTasks(machine, 1, (cpu, i) -> {
                        Preempt.irqDisable(cpu);
                        calls.callMany(cpu, calls.allCpus(), nothing, 0);
                    }));
            assertTrue(bug.getMessage().contains("interrupts disabled"), bug.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu", "tso", "weak"})
    void shouldRunSoftirqAfterTickWithInterruptsEnabled(String kind) {
        try (Machine machine = Machines.of(kind, 2, 1)) {
            long page = Machines.memory(machine, 64);
            Interrupts interrupts = machine.interrupts();
            int bit = interrupts.onSoftirq(cpu -> {
                assertTrue(!Preempt.irqsDisabled(cpu));
                assertTrue(Preempt.count(cpu) >= Area.SOFTIRQ);
                cpu.fetchAdd32(page, 1, Order.RELAXED);
            });
            interrupts.onTick(cpu -> {
                assertTrue(Preempt.irqsDisabled(cpu));
                if (cpu.id() == 1) {
                    interrupts.raiseSoftirq(cpu, bit);
                }
            });
            Machines.runTasks(machine, 1, (cpu, i) -> {
                while (cpu.readOnce32(page) < 3) {
                    cpu.relax();
                }
                assertEquals(0, Area.SOFTIRQ_PENDING.get(cpu, cpu.area()));
            });
        }
    }
}

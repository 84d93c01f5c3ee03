package kemu.rcu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.hw.cpu.Cpu;
import kemu.hw.mem.KernelBug;
import kemu.hw.order.Order;
import kemu.kernel.task.Sched;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Guarantees A2 and A3 and C3. */
class CallbackTest {
    private static final long POISON = 0x6b6b6b6bL;
    private static final int OBJECT = 64;
    /** In an object: its head at 0, a value, and how often it was freed. */
    private static final int VALUE = 16;

    private static final int FREED = 24;

    /** Queues a callback, or breaks the rules. */
    @FunctionalInterface
    private interface Call {
        void call(Cpu cpu, long head, int number);
    }

    private static void free(Cpu cpu, long object) {
        cpu.writeOnce64(object + VALUE, POISON);
        cpu.fetchAdd64(object + FREED, 1, Order.FULL);
    }

    /** An updater per CPU replaces its object again and again; readers on every CPU look at all of them. */
    private static void replaceAndCheck(RcuBench bench, int rounds, Call call) {
        int cpus = bench.machine.cpus();
        long heads = bench.allocate(8 * cpus, "pointers");
        long objects = bench.allocate(OBJECT * cpus * (rounds + 1), "objects");
        long running = bench.allocate(8, "running");
        int number = bench.rcu.registerCallback("free", CallbackTest::free);
        bench.boot().write64(running, cpus);
        for (int i = 0; i < cpus; i++) {
            int id = i;
            long mine = objects + (long) OBJECT * id * (rounds + 1);
            bench.boot().write64(heads + 8L * id, mine);
            bench.task(i, "updater", cpu -> {
                for (int round = 0; round < rounds; round++) {
                    bench.rcu.assignPointer(cpu, heads + 8L * id, mine + OBJECT * (round + 1L));
                    call.call(cpu, mine + OBJECT * (long) round, number);
                    Sched.of(bench.machine).condResched(cpu);
                }
                cpu.fetchAdd64(running, -1, Order.FULL);
                bench.rcu.rcuBarrier(cpu);
                for (int round = 0; round < rounds; round++) {
                    long freed = cpu.readOnce64(mine + OBJECT * (long) round + FREED);
                    RcuBench.check(freed == 1, "callback ran " + freed + " times");
                }
            });
            bench.task(i, "reader", cpu -> {
                while (cpu.readOnce64(running) != 0) {
                    for (int at = 0; at < cpus; at++) {
                        read(cpu, bench.rcu, heads + 8L * at);
                    }
                    Sched.of(bench.machine).condResched(cpu);
                }
            });
        }
        bench.run();
    }

    private static void read(Cpu cpu, Rcu rcu, long pointer) {
        rcu.readLock(cpu);
        long object = rcu.dereference(cpu, pointer);
        for (int i = 0; i < 4; i++) {
            RcuBench.check(cpu.readOnce64(object + VALUE) != POISON, "reader saw a freed object");
        }
        rcu.readUnlock(cpu);
    }

    @ParameterizedTest
    @CsvSource({"native, 1, 2", "native, 4, 3", "native, 17, 1", "emu, 1, 30", "emu, 2, 300", "emu, 5, 40", "emu, 17, 4"
    })
    void shouldRunOnceAfterReadersWhenCallbacksAreQueuedEverywhere(String kind, int cpus, int seeds) {
        for (int seed = 1; seed <= seeds; seed++) {
            try (RcuBench bench = RcuBench.small(kind, cpus, seed)) {
                replaceAndCheck(bench, 12, bench.rcu::callRcu);
                assertTrue(bench.rcu.callbacksInvoked(bench.boot()) >= 12L * cpus);
            }
        }
    }

    @Test
    void shouldConvictWhenCallbacksDoNotWaitForReaders() {
        int convicted = 0;
        for (int seed = 1; seed <= 60; seed++) {
            try (RcuBench bench = RcuBench.small("emu", 2, seed)) {
                replaceAndCheck(bench, 12, (cpu, head, number) -> free(cpu, head));
            } catch (KernelBug bug) {
                assertTrue(bug.getMessage().contains("freed object"), bug.getMessage());
                convicted++;
            }
        }
        assertTrue(convicted > 0);
    }

    @ParameterizedTest
    @CsvSource({"native, 1", "native, 4", "emu, 1", "emu, 3", "weak, 3"})
    void shouldWaitForCallbacksOfAllCpusWhenBarrierIsCalled(String kind, int cpus) {
        for (int seed = 1; seed <= (kind.equals("native") ? 4 : 100); seed++) {
            try (RcuBench bench = RcuBench.small(kind, cpus, seed)) {
                int each = 30;
                long heads = bench.allocate(OBJECT * each * cpus, "heads");
                long queued = bench.allocate(8, "queued");
                long invoked = bench.allocate(8, "invoked");
                int number = bench.rcu.registerCallback("count", (cpu, head) -> cpu.fetchAdd64(invoked, 1, Order.FULL));
                for (int i = 0; i < cpus; i++) {
                    long mine = heads + (long) OBJECT * each * i;
                    // This task ends at once: its CPU idles with callbacks.
                    bench.task(i, "caller", cpu -> {
                        for (int k = 0; k < each; k++) {
                            bench.rcu.callRcu(cpu, mine + (long) OBJECT * k, number);
                        }
                        cpu.fetchAdd64(queued, each, Order.FULL);
                    });
                    bench.task(i, "waiter", cpu -> {
                        long before = cpu.readOnce64(queued);
                        bench.rcu.rcuBarrier(cpu);
                        long after = cpu.readOnce64(invoked);
                        RcuBench.check(after >= before, "barrier returned after " + after + " of " + before);
                    });
                }
                bench.task(0, "last", cpu -> {
                    while (cpu.readOnce64(queued) != (long) each * cpus) {
                        Sched.of(bench.machine).sleep(cpu, 1);
                    }
                    bench.rcu.rcuBarrier(cpu);
                    RcuBench.check(cpu.readOnce64(invoked) == (long) each * cpus, "barrier missed callbacks");
                });
                bench.run();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu", "tso", "weak"})
    void shouldInvokeCallbacksWhenTheirCpuIdles(String kind) {
        try (RcuBench bench = RcuBench.small(kind, 5, 3)) {
            long head = bench.allocate(OBJECT, "head");
            int number = bench.rcu.registerCallback("free", CallbackTest::free);
            bench.task(4, "caller", cpu -> bench.rcu.callRcu(cpu, head, number));
            bench.task(1, "waiter", cpu -> {
                while (cpu.readOnce64(head + FREED) == 0) {
                    Sched.of(bench.machine).sleep(cpu, 1);
                }
            });
            bench.run();
            assertEquals(1, bench.rcu.callbacksQueued(bench.boot()));
        }
    }

    @ParameterizedTest
    @CsvSource({"native, 10000", "native, 100000", "emu, 10000", "emu, 25000"})
    void shouldSurviveFloodOfCallbacks(String kind, int count) {
        try (RcuBench bench = RcuBench.small(kind, 3, 11)) {
            long heads = bench.allocate(32 * count, "heads");
            int number = bench.rcu.registerCallback("free", CallbackTest::free);
            bench.task(1, "flood", cpu -> {
                for (int i = 0; i < count; i++) {
                    bench.rcu.callRcu(cpu, heads + 32L * i, number);
                }
                bench.rcu.rcuBarrier(cpu);
                for (int i = 0; i < count; i++) {
                    RcuBench.check(cpu.readOnce64(heads + 32L * i + FREED) == 1, "callback " + i);
                }
            });
            bench.run();
            assertTrue(bench.rcu.callbacksInvoked(bench.boot()) >= count);
        }
    }

    @Test
    void shouldReportHeadThatIsQueuedTwiceOrOverwritten() {
        try (RcuBench bench = RcuBench.small("emu", 1, 1)) {
            long head = bench.allocate(OBJECT, "head");
            int number = bench.rcu.registerCallback("free", CallbackTest::free);
            Cpu boot = bench.boot();
            bench.rcu.callRcu(boot, head, number);
            assertTrue(assertThrows(KernelBug.class, () -> bench.rcu.callRcu(boot, head, number))
                    .getMessage()
                    .contains("queued already, for free"));
            assertThrows(KernelBug.class, () -> bench.rcu.callRcu(boot, head + 32, number + 1));
            RcuHead.FUNC.set(boot, head, 0x12345678);
            bench.task(0, "waiter", bench.rcu::rcuBarrier);
            assertTrue(assertThrows(KernelBug.class, bench::run).getMessage().contains("overwritten RCU callback"));
        }
    }
}

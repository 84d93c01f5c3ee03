package kemu.rcu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.KernelBug;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.Sched;
import kemu.rcu.flavors.RcuFlavors;
import kemu.rcu.list.ListHead;
import kemu.rcu.list.RcuList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RcuTest {
    private static final LockClass LIST_LOCK = LockClass.of("test list");
    private static final long POISON = 0x6b6b6b6bL;
    private static final int KEY = 32;

    @Test
    void shouldNameAllowedFlavorsWhenFlavorIsUnknown() {
        IllegalArgumentException wrong = assertThrows(
                IllegalArgumentException.class,
                () -> new RcuBench("emu", 1, 1, RcuOptions.defaults().withFlavor("bogus")));
        assertTrue(wrong.getMessage().contains("bogus (allowed: " + String.join(", ", RcuFlavors.names())));
        assertTrue(Arrays.asList(RcuFlavors.names()).contains("sched"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu", "tso", "weak", "native+preempt", "emu+preempt"})
    void shouldBeABugWhenReaderSleeps(String kind) {
        try (RcuBench bench = RcuBench.small(kind, 1, 1)) {
            bench.task(0, "sleeper", cpu -> {
                bench.rcu.readLock(cpu);
                bench.rcu.synchronizeRcu(cpu);
            });
            assertTrue(assertThrows(KernelBug.class, bench::run).getMessage().contains("synchronize_rcu"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu", "tso", "weak", "native+preempt", "emu+preempt", "weak+preempt"})
    void shouldNestReaders(String kind) {
        try (RcuBench bench = RcuBench.small(kind, 2, 1)) {
            long stage = bench.allocate(8, "stage");
            bench.task(0, "reader", cpu -> {
                bench.rcu.readLock(cpu);
                bench.rcu.readLock(cpu);
                cpu.writeOnce64(stage, 1);
                bench.rcu.readUnlock(cpu);
                for (int i = 0; i < 50_000; i++) {
                    cpu.relax();
                }
                RcuBench.check(cpu.readOnce64(stage) == 1, "outer reader was not waited for");
                bench.rcu.readUnlock(cpu);
            });
            bench.task(1, "updater", cpu -> {
                while (cpu.readOnce64(stage) == 0) {
                    Sched.of(bench.machine).sleep(cpu, 1);
                }
                bench.rcu.synchronizeRcu(cpu);
                cpu.writeOnce64(stage, 2);
            });
            bench.run();
        }
    }

    /** C2: the other CPUs do nothing at all. */
    @ParameterizedTest
    @CsvSource({"native, 2", "native, 17", "emu, 2", "emu, 17", "emu, 64"})
    void shouldNotWaitForIdleCpus(String kind, int cpus) {
        try (RcuBench bench = RcuBench.small(kind, cpus, 2)) {
            long began = bench.machine.jiffies(bench.boot());
            bench.task(cpus - 1, "updater", cpu -> {
                for (int i = 0; i < 20; i++) {
                    bench.rcu.synchronizeRcu(cpu);
                }
            });
            bench.run();
            assertTrue(bench.rcu.gracePeriods(bench.boot()) >= 20);
            if (kind.equals("emu")) {
                long took = bench.machine.jiffies(bench.boot()) - began;
                assertTrue(took <= 60, "20 grace periods took " + took + " ticks");
            }
        }
    }

    /** C2: code that never sleeps, but may be preempted, does not delay a grace period for longer than a few ticks. */
    @ParameterizedTest
    @CsvSource({"native, 3", "emu, 3", "emu+preempt, 3"})
    void shouldNotWaitForPreemptibleCodeThatNeverSleeps(String kind, int cpus) {
        try (RcuBench bench = RcuBench.small(kind, cpus, 2)) {
            long stop = bench.allocate(8, "stop");
            for (int i = 0; i < cpus; i++) {
                bench.task(i, "busy", cpu -> {
                    while (cpu.readOnce64(stop) == 0) {
                        cpu.relax();
                    }
                });
            }
            long took = bench.allocate(8, "took");
            bench.task(0, "updater", cpu -> {
                long began = bench.machine.jiffies(cpu);
                for (int i = 0; i < 5; i++) {
                    bench.rcu.synchronizeRcu(cpu);
                }
                cpu.writeOnce64(took, bench.machine.jiffies(cpu) - began);
                cpu.writeOnce64(stop, 1);
            });
            bench.run();
            if (kind.equals("emu")) {
                assertTrue(
                        bench.boot().readOnce64(took) <= 40,
                        "5 took " + bench.boot().readOnce64(took) + " ticks");
            }
        }
    }

    @Test
    void shouldRunWithoutBackgroundWhenScenarioDrivesIt() {
        for (int seed = 1; seed <= 100; seed++) {
            RcuOptions options = RcuOptions.defaults().withFanout(2, 2).withBackground(false);
            try (RcuBench bench = new RcuBench("emu", 2, seed, options)) {
                long freed = bench.allocate(64, "freed");
                int number = bench.rcu.registerCallback("free", (cpu, head) -> cpu.writeOnce64(freed + 32, 1));
                assertEquals(0, Sched.of(bench.machine).tasks().live(bench.boot()) - bench.machine.cpus());
                Sched.of(bench.machine).spawn(bench.boot(), bench.rcu::runGracePeriods, 0, "gp", 1);
                bench.task(1, "caller", cpu -> {
                    bench.rcu.callRcu(cpu, freed, number);
                    while (cpu.readOnce64(freed + 32) == 0) {
                        bench.rcu.advance(cpu);
                        Sched.of(bench.machine).sleep(cpu, 1);
                    }
                });
                bench.run();
                assertTrue(bench.rcu.gracePeriods(bench.boot()) >= 1);
            }
        }
    }

    @Test
    void shouldFreeNothingWhenNobodyDrivesIt() {
        RcuOptions options = RcuOptions.defaults().withBackground(false);
        try (RcuBench bench = new RcuBench("emu", 2, 1, options)) {
            long head = bench.allocate(64, "head");
            int number = bench.rcu.registerCallback("free", (cpu, at) -> {});
            bench.task(1, "caller", cpu -> {
                bench.rcu.callRcu(cpu, head, number);
                Sched.of(bench.machine).sleep(cpu, 30);
            });
            bench.run();
            assertEquals(0, bench.rcu.callbacksInvoked(bench.boot()));
            assertEquals(1, bench.rcu.callbacksQueued(bench.boot()));
            assertFalse(bench.machine.failure() != null);
        }
    }

    @ParameterizedTest
    @CsvSource({"native, 3, 3", "emu, 3, 100", "native+preempt, 3, 3", "emu+preempt, 3, 50"})
    void shouldWalkListWhileNodesComeAndGo(String kind, int cpus, int seeds) {
        for (int seed = 1; seed <= seeds; seed++) {
            try (RcuBench bench = RcuBench.small(kind, cpus, seed)) {
                walkWhileChanged(bench);
            }
        }
    }

    private static void walkWhileChanged(RcuBench bench) {
        int nodes = 40;
        long lock = bench.allocate(64, "lock");
        long head = bench.allocate(64, "head");
        long stop = bench.allocate(8, "stop");
        long pool = bench.allocate(64 * nodes, "nodes");
        Cpu boot = bench.boot();
        SpinLock.init(boot, lock, LIST_LOCK);
        ListHead.init(boot, head);
        int number = bench.rcu.registerCallback("free", (cpu, rcuHead) -> cpu.writeOnce64(rcuHead - 16 + KEY, POISON));
        for (int i = 0; i < 3; i++) {
            boot.write64(pool + 64L * i + KEY, i + 1);
            RcuList.addTail(boot, pool + 64L * i, head);
        }
        for (int i = 0; i < bench.machine.cpus(); i++) {
            bench.task(i, "reader", cpu -> {
                while (cpu.readOnce64(stop) == 0) {
                    bench.rcu.readLock(cpu);
                    int seen = 0;
                    for (long at = RcuList.first(cpu, head); at != head; at = RcuList.next(cpu, at)) {
                        long key = cpu.readOnce64(at + KEY);
                        RcuBench.check(key != POISON && key != 0, "reader saw key " + key);
                        seen++;
                    }
                    RcuBench.check(seen >= 2 && seen <= nodes, "reader saw " + seen + " nodes");
                    bench.rcu.readUnlock(cpu);
                    Sched.of(bench.machine).condResched(cpu);
                }
            });
        }
        bench.task(0, "updater", cpu -> {
            for (int i = 3; i < nodes; i++) {
                long fresh = pool + 64L * i;
                cpu.writeOnce64(fresh + KEY, i + 1);
                SpinLock.lock(cpu, lock);
                RcuList.addTail(cpu, fresh, head);
                long victim = ListHead.first(cpu, head);
                RcuList.del(cpu, victim);
                SpinLock.unlock(cpu, lock);
                bench.rcu.callRcu(cpu, victim + 16, number);
                Sched.of(bench.machine).condResched(cpu);
            }
            bench.rcu.rcuBarrier(cpu);
            cpu.writeOnce64(stop, 1);
        });
        bench.run();
    }
}

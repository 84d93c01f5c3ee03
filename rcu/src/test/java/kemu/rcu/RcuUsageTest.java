package kemu.rcu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.mem.KernelBug;
import kemu.kernel.context.Task;
import kemu.kernel.lockdep.RcuUsage;
import kemu.kernel.task.KernelCore;
import kemu.kernel.task.Sched;
import kemu.rcu.flavors.RcuFlavors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RcuUsageTest {
    /** What a task does on a machine with RCU. */
    private interface Body {
        void run(Cpu cpu, Rcu rcu);
    }

    private long words;
    private int number;

    private List<KernelBug> found(String flavor, MemoryModel model, long seed, Body... bodies) {
        MachineConfig config =
                MachineConfig.of(4L << 20, bodies.length).withSeed(seed).withModel(model);
        try (EmuMachine machine = KernelCore.bootEmulated(config)) {
            Cpu boot = machine.bootCpu();
            Rcu rcu = RcuFlavors.boot(machine, RcuOptions.defaults().withFlavor(flavor));
            words = machine.bootAllocator().allocate(boot, 256, 64, "words");
            number = rcu.registerCallback("test", (cpu, head) -> cpu.writeOnce64(words + 64, 1));
            RcuUsage usage = new RcuUsage(machine, flavor.equals("sched"));
            usage.keepStacks(true);
            usage.begin();
            int[] left = {bodies.length};
            for (int i = 0; i < bodies.length; i++) {
                Body body = bodies[i];
                Sched.of(machine)
                        .spawn(
                                boot,
                                cpu -> {
                                    body.run(cpu, rcu);
                                    if (--left[0] == 0) {
                                        machine.halt();
                                    }
                                },
                                i,
                                "user",
                                Task.PF_KTHREAD);
            }
            machine.run();
            usage.ended();
            return List.copyOf(usage.found());
        }
    }

    private String only(Body... bodies) {
        List<KernelBug> found = found("sched", MemoryModel.SC, 1, bodies);
        assertEquals(1, found.size(), found.toString());
        return found.get(0).getMessage();
    }

    private void reads(Cpu cpu, Rcu rcu) {
        for (int i = 0; i < 200; i++) {
            rcu.readLock(cpu);
            rcu.dereference(cpu, words);
            rcu.readLock(cpu);
            rcu.dereference(cpu, words);
            rcu.readUnlock(cpu);
            cpu.readOnce64(words + 8);
            rcu.readUnlock(cpu);
        }
    }

    private void waits(Cpu cpu, Rcu rcu) {
        for (int i = 0; i < 5; i++) {
            rcu.assignPointer(cpu, words, i);
            rcu.synchronizeRcu(cpu);
            rcu.callRcu(cpu, words + 128, number);
            rcu.rcuBarrier(cpu);
        }
    }

    @ParameterizedTest
    @CsvSource({"sched,SC", "sched,TSO", "sched,WEAK", "preempt,SC", "preempt,TSO", "preempt,WEAK"})
    void shouldBeSilentOnCorrectUse(String flavor, MemoryModel model) {
        for (int seed = 0; seed < 8; seed++) {
            assertEquals(List.of(), found(flavor, model, seed, this::reads, this::waits, this::reads));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sched", "preempt"})
    void shouldReportADereferenceOutsideAReader(String flavor) {
        List<KernelBug> found = found(flavor, MemoryModel.SC, 1, (cpu, rcu) -> rcu.dereference(cpu, words));
        assertEquals(1, found.size(), found.toString());
        String report = found.get(0).getMessage();
        assertTrue(report.startsWith("WARNING: suspicious RCU usage at RcuUsageTest."), report);
        assertTrue(report.contains("suspicious rcu_dereference_check() usage of 0x"), report);
        assertTrue(report.contains("no rcu_read_lock held by user/"), report);
    }

    @Test
    void shouldReportAnEndWithoutBeginning() {
        String report = only((cpu, rcu) -> {
            rcu.readLock(cpu);
            rcu.readUnlock(cpu);
            cpu.tell(Event.RCU_READ_UNLOCKING, Cpu.NULL, 0);
        });
        assertTrue(report.startsWith("WARNING: bad unlock balance detected! user/"), report);
        assertTrue(report.contains("is trying to release lock (rcu_read_lock)"), report);
    }

    @Test
    void shouldReportATaskThatEndsAsAReader() {
        String report = only((cpu, rcu) -> {
            cpu.tell(Event.RCU_READ_LOCKED, Cpu.NULL, 0);
            cpu.readOnce64(words);
        });
        assertTrue(report.startsWith("WARNING: user/"), report);
        assertTrue(report.contains("still has locks held!\n (rcu_read_lock)"), report);
    }

    @Test
    void shouldReportAWaitInsideAReader() {
        KernelBug bug = assertThrows(
                KernelBug.class,
                () -> only((cpu, rcu) -> {
                    rcu.readLock(cpu);
                    rcu.synchronizeRcu(cpu);
                }));
        assertTrue(bug.getMessage().startsWith("WARNING: suspicious RCU usage"), bug.getMessage());
        assertTrue(
                bug.getMessage().contains("Illegal synchronize_rcu() in RCU read-side critical section!"),
                bug.getMessage());
    }

    /** A grace period that waits for nobody: the events of one that ends while a reader goes on. */
    @Test
    void shouldReportAReaderOutlivedByAGracePeriod() {
        String report = only(
                (cpu, rcu) -> {
                    rcu.readLock(cpu);
                    cpu.writeOnce64(words, 1);
                    cpu.condLoadEq64(words, -1, 2, 0);
                    rcu.readUnlock(cpu);
                },
                (cpu, rcu) -> {
                    cpu.condLoadEq64(words, -1, 1, 0);
                    cpu.tell(Event.RCU_WAITS, Event.RCU_SYNCHRONIZE, 0);
                    cpu.tell(Event.RCU_WAITED, Event.RCU_SYNCHRONIZE, 0);
                    cpu.writeOnce64(words, 2);
                });
        assertTrue(report.startsWith("BUG: RCU reader outlived by a grace period: user/"), report);
        assertTrue(report.contains("the reader began at:\n    Rcu.readLock (Rcu.java:"), report);
        assertTrue(report.contains("asked for by user/"), report);
    }

    @Test
    void shouldReportAReaderOutlivedByACallback() {
        String report = only(
                (cpu, rcu) -> {
                    rcu.readLock(cpu);
                    cpu.writeOnce64(words, 1);
                    cpu.condLoadEq64(words, -1, 2, 0);
                    rcu.readUnlock(cpu);
                },
                (cpu, rcu) -> {
                    cpu.tell(Event.RCU_QUEUED, words + 192, 0);
                    cpu.tell(Event.RCU_INVOKED, words + 192, 0);
                    cpu.condLoadEq64(words, -1, 1, 0);
                    cpu.tell(Event.RCU_QUEUED, words + 128, 0);
                    cpu.tell(Event.RCU_INVOKED, words + 128, 0);
                    cpu.writeOnce64(words, 2);
                });
        assertTrue(report.startsWith("BUG: RCU reader outlived by a grace period: user/"), report);
    }
}

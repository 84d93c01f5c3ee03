package kemu.kernel.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.mem.KernelBug;
import kemu.hw.order.Order;
import kemu.kernel.context.Preempt;
import kemu.kernel.context.Task;
import kemu.kernel.locking.LockClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SleepingLockTest {
    private static final LockClass TEST_SEM = LockClass.of("test_sem");
    private static final LockClass TEST_MUTEX = LockClass.of("test_mutex");
    private static final LockClass TEST_DONE = LockClass.of("test_done");
    private static final int TASKS = 8;
    private static final int WORDS = 128;
    private static final int TASK_STRUCTS = WORDS + 64;
    private static final int LAST = 4;

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu", "tso", "weak"})
    void shouldExcludeOthersWhenMutexIsHeld(String kind) {
        for (int seed = 0; seed < Machines.seeds(kind); seed++) {
            try (Machine machine = Machines.of(kind, 4, seed)) {
                Cpu boot = machine.bootCpu();
                long page = Machines.memory(machine, 256);
                Mutex.init(boot, page, TEST_MUTEX);
                Machines.runTasks(machine, TASKS, (cpu, i) -> mutexRounds(machine, cpu, page, Machines.rounds(kind)));
                assertEquals((long) TASKS * Machines.rounds(kind), boot.read64(page + WORDS));
                assertFalse(Mutex.isLocked(boot, page));
            }
        }
    }

    private static void mutexRounds(Machine machine, Cpu cpu, long page, int rounds) {
        for (int i = 0; i < rounds; i++) {
            if ((i & 3) != 0 || !Mutex.tryLock(cpu, page)) {
                Mutex.lock(cpu, page);
            }
            long seen = cpu.readOnce64(page + WORDS);
            if ((i & 255) == 0) {
                Sched.of(machine).sleep(cpu, 1);
            }
            cpu.writeOnce64(page + WORDS, seen + 1);
            Mutex.unlock(cpu, page);
            Sched.of(machine).condResched(cpu);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu", "tso", "weak"})
    void shouldKeepReadersAndWritersApartWhenSemaphoreIsShared(String kind) {
        boolean together = false;
        for (int seed = 0; seed < Machines.seeds(kind); seed++) {
            try (Machine machine = Machines.of(kind, 4, seed)) {
                Cpu boot = machine.bootCpu();
                long page = Machines.memory(machine, 256);
                RwSem.init(boot, page, TEST_SEM);
                Machines.runTasks(machine, TASKS, (cpu, i) -> semRounds(machine, cpu, page, i, Machines.rounds(kind)));
                assertEquals(2L * Machines.rounds(kind), boot.read64(page + WORDS));
                assertEquals(0, RwSem.COUNT.readOnce(boot, page));
                together |= boot.read32(page + WORDS + 12) != 0;
            }
        }
        assertTrue(together, "two readers never held the semaphore at once");
    }

    /** Tasks 0 and 1 write, 2 tries, 3 writes and downgrades, the others read. */
    private static void semRounds(Machine machine, Cpu cpu, long page, int task, int rounds) {
        for (int i = 0; i < rounds; i++) {
            if (task < 2) {
                RwSem.downWrite(cpu, page);
                write(cpu, page);
                RwSem.upWrite(cpu, page);
            } else if (task == 2) {
                if (RwSem.tryDownRead(cpu, page)) {
                    read(machine, cpu, page);
                }
            } else if (task == 3) {
                RwSem.downWrite(cpu, page);
                checkAlone(cpu, page);
                RwSem.downgradeWrite(cpu, page);
                read(machine, cpu, page);
            } else {
                RwSem.downRead(cpu, page);
                read(machine, cpu, page);
            }
        }
    }

    private static void checkAlone(Cpu cpu, long page) {
        if (cpu.readOnce32(page + WORDS + 8) != 0 || !RwSem.isWriteLocked(cpu, page)) {
            throw new KernelBug("writer is not alone");
        }
    }

    private static void write(Cpu cpu, long page) {
        checkAlone(cpu, page);
        long seen = cpu.readOnce64(page + WORDS);
        cpu.relax();
        cpu.writeOnce64(page + WORDS, seen + 1);
        checkAlone(cpu, page);
    }

    private static void read(Machine machine, Cpu cpu, long page) {
        if (cpu.fetchAdd32(page + WORDS + 8, 1, Order.FULL) > 0) {
            cpu.writeOnce32(page + WORDS + 12, 1);
        }
        long seen = cpu.readOnce64(page + WORDS);
        cpu.relax();
        Sched.of(machine).condResched(cpu);
        if (cpu.readOnce64(page + WORDS) != seen || RwSem.isWriteLocked(cpu, page)) {
            throw new KernelBug("a writer came in among the readers");
        }
        cpu.fetchAdd32(page + WORDS + 8, -1, Order.FULL);
        RwSem.upRead(cpu, page);
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu", "tso", "weak"})
    void shouldServeWaitersInOrderWhenWriterLeaves(String kind) {
        try (Machine machine = Machines.of(kind, 1, 3)) {
            Cpu boot = machine.bootCpu();
            long page = Machines.memory(machine, 512);
            RwSem.init(boot, page, TEST_SEM);
            boolean[] writer = {true, false, false, true, false};
            Machines.runTasks(machine, writer.length, (cpu, i) -> takeInOrder(machine, cpu, page, i, writer[i]));
            // Task 0 holds it while the others queue; then two readers at once, a writer, a reader.
            int[] order = new int[writer.length];
            for (int i = 0; i < writer.length; i++) {
                order[i] = boot.read32(page + WORDS + 4 + 4L * i);
            }
            assertEquals("[0, 1, 2, 3, 4]", java.util.Arrays.toString(order));
        }
    }

    /** Sleeps until task {@code other} waits for the semaphore. */
    private static void awaitQueued(Machine machine, Cpu cpu, long page, int other) {
        long struct = 0;
        while (struct == 0 || Task.BLOCKED_ON.readOnce(cpu, struct) != page) {
            Sched.of(machine).sleep(cpu, 1);
            struct = cpu.readOnce64(page + TASK_STRUCTS + 8L * other);
        }
    }

    private static void takeInOrder(Machine machine, Cpu cpu, long page, int task, boolean write) {
        if (task > 1) {
            awaitQueued(machine, cpu, page, task - 1);
        } else if (task == 1) {
            while (!RwSem.isWriteLocked(cpu, page)) {
                Sched.of(machine).sleep(cpu, 1);
            }
        }
        cpu.writeOnce64(page + TASK_STRUCTS + 8L * task, Sched.current(cpu));
        if (write) {
            RwSem.downWrite(cpu, page);
        } else {
            RwSem.downRead(cpu, page);
        }
        int at = cpu.fetchAdd32(page + WORDS, 1, Order.FULL);
        cpu.writeOnce32(page + WORDS + 4 + 4L * at, task);
        if (task == 0) {
            awaitQueued(machine, cpu, page, LAST);
        }
        if (write) {
            RwSem.upWrite(cpu, page);
        } else {
            RwSem.upRead(cpu, page);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu", "tso", "weak"})
    void shouldEndEveryWaitWhenCompletionsMatch(String kind) {
        for (int seed = 0; seed < Machines.seeds(kind); seed++) {
            try (Machine machine = Machines.of(kind, 4, seed)) {
                long page = Machines.memory(machine, 256);
                Completion.init(machine.bootCpu(), page, TEST_DONE);
                int rounds = Machines.rounds(kind);
                Machines.runTasks(machine, TASKS, (cpu, i) -> {
                    for (int n = 0; n < rounds; n++) {
                        if ((i & 1) == 0) {
                            Completion.await(cpu, page);
                        } else {
                            Completion.complete(cpu, page);
                        }
                    }
                });
                assertEquals(0, Completion.DONE.readOnce(machine.bootCpu(), page));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu", "tso", "weak"})
    void shouldLetEverybodyGoWhenAllIsComplete(String kind) {
        try (Machine machine = Machines.of(kind, 2, 5)) {
            long page = Machines.memory(machine, 256);
            Completion.init(machine.bootCpu(), page, TEST_DONE);
            Machines.runTasks(machine, TASKS, (cpu, i) -> {
                if (i == 0) {
                    Sched.of(machine).sleep(cpu, 3);
                    Completion.completeAll(cpu, page);
                }
                Completion.await(cpu, page);
            });
            assertTrue(Completion.tryAwait(machine.bootCpu(), page));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu", "tso", "weak"})
    void shouldReportSleepingInAtomicContextWhenPreemptionIsDisabled(String kind) {
        try (Machine machine = Machines.of(kind, 2, 5)) {
            long page = Machines.memory(machine, 256);
            RwSem.init(machine.bootCpu(), page, TEST_SEM);
            KernelBug bug = assertThrows(
                    KernelBug.class,
                    () -> Machines.runTasks(machine, 1, (cpu, i) -> {
                        Preempt.disable(cpu);
                        RwSem.downRead(cpu, page);
                    }));
            assertTrue(bug.getMessage().contains("invalid context at down_read"), bug.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu", "tso", "weak"})
    void shouldReportUnbalancedUnlockWhenDebugging(String kind) {
        MachineConfig config = MachineConfig.of(8 << 20, 2).withSpinLock("debug");
        for (int which = 0; which < 3; which++) {
            int wrong = which;
            try (Machine machine = Machines.of(kind, config)) {
                long page = Machines.memory(machine, 256);
                RwSem.init(machine.bootCpu(), page, TEST_SEM);
                Mutex.init(machine.bootCpu(), page + 64, TEST_MUTEX);
                KernelBug bug = assertThrows(
                        KernelBug.class,
                        () -> Machines.runTasks(machine, 1, (cpu, i) -> unlockWrongly(cpu, page, wrong)));
                assertTrue(bug.getMessage().contains(wrong == 2 ? "test_mutex" : "test_sem"), bug.getMessage());
            }
        }
    }

    private static void unlockWrongly(Cpu cpu, long page, int wrong) {
        switch (wrong) {
            case 0 -> RwSem.upRead(cpu, page);
            case 1 -> RwSem.upWrite(cpu, page);
            default -> Mutex.unlock(cpu, page + 64);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu", "tso", "weak"})
    void shouldAllowLockingAtBoot(String kind) {
        try (Machine machine = Machines.of(kind, 2, 5)) {
            Cpu boot = machine.bootCpu();
            long page = Machines.memory(machine, 256);
            RwSem.init(boot, page, TEST_SEM);
            RwSem.downWrite(boot, page);
            assertFalse(RwSem.tryDownRead(boot, page));
            RwSem.downgradeWrite(boot, page);
            assertTrue(RwSem.tryDownRead(boot, page));
            assertFalse(RwSem.tryDownWrite(boot, page));
            RwSem.upRead(boot, page);
            RwSem.upRead(boot, page);
            assertFalse(RwSem.isLocked(boot, page));
        }
    }
}

package kemu.kernel.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import kemu.kernel.locking.SpinLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TaskLifeTest {
    private static final LockClass TEST = LockClass.of("life_test");

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldReuseSlotsAndNeverPidsWhenTasksEnd(String kind) {
        MachineConfig config = new MachineConfig(8 << 20, 2, 3, true, "ticket", 8);
        try (Machine machine = Machines.of(kind, config)) {
            long page = Machines.memory(machine, 64);
            Sched sched = Sched.of(machine);
            int comm = Comms.of(machine).number("child");
            Machines.runTasks(machine, 1, (cpu, i) -> {
                int lastPid = -1;
                for (int n = 0; n < 500; n++) {
                    long child = sched.create(cpu, c -> c.fetchAdd32(page, 1, Order.FULL), n & 1, comm, 0);
                    assertTrue(child != Cpu.NULL, "no slot for child " + n);
                    int pid = Task.PID.get(cpu, child);
                    assertTrue(pid > lastPid, "pids " + lastPid + ", " + pid);
                    lastPid = pid;
                    sched.start(cpu, child);
                    while (Task.STATE.readOnce(cpu, child) != Task.DEAD) {
                        sched.condResched(cpu);
                        cpu.relax();
                    }
                    sched.put(cpu, child);
                }
                assertEquals(500, cpu.readOnce32(page));
            });
            // The idle tasks; the last task may not have been reaped when the machine halted.
            assertTrue(sched.tasks().live(machine.bootCpu()) <= 4);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldReturnNullWhenAllSlotsAreTaken(String kind) {
        try (Machine machine = Machines.of(kind, new MachineConfig(8 << 20, 2, 3, true, "ticket", 4))) {
            Sched sched = Sched.of(machine);
            Cpu boot = machine.bootCpu();
            assertTrue(sched.create(boot, c -> {}, 0, 0, 0) != Cpu.NULL);
            assertTrue(sched.create(boot, c -> {}, 1, 0, 0) != Cpu.NULL);
            assertEquals(Cpu.NULL, sched.create(boot, c -> {}, 0, 0, 0));
            assertThrows(KernelBug.class, () -> sched.spawn(boot, c -> {}, 0, "one too many", 0));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldWakeInOrderOfTimers(String kind) {
        try (Machine machine = Machines.of(kind, 2, 3)) {
            long page = Machines.memory(machine, 256);
            int[] delays = {30, 10, 50, 20, 40, 1};
            long[] late = new long[delays.length];
            long start = machine.jiffies(machine.bootCpu());
            Machines.runTasks(machine, delays.length, (cpu, i) -> {
                Sched.of(machine).sleep(cpu, delays[i]);
                late[i] = machine.jiffies(cpu) - start - delays[i];
                int at = cpu.fetchAdd32(page, 1, Order.FULL);
                cpu.writeOnce32(page + 4 + 4 * at, delays[i]);
            });
            int last = 0;
            for (int i = 0; i < delays.length; i++) {
                assertTrue(late[i] >= 0, "woke " + -late[i] + " ticks early");
                int delay = machine.bootCpu().read32(page + 4 + 4 * i);
                assertTrue(delay > last, delay + " after " + last);
                last = delay;
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldDisarmTimerWhenWokenEarly(String kind) {
        try (Machine machine = Machines.of(kind, 2, 3)) {
            long page = Machines.memory(machine, 64);
            Machines.runTasks(machine, 2, (cpu, i) -> {
                Sched sched = Sched.of(machine);
                if (i == 1) {
                    long sleeper = cpu.condLoadNe64(page, -1, 0, Order.ACQUIRE);
                    Sched.of(machine).sleep(cpu, 5);
                    sched.wakeUp(cpu, sleeper);
                    return;
                }
                Sched.setState(cpu, Task.UNINTERRUPTIBLE);
                cpu.storeRelease64(page, Sched.current(cpu), Order.RELEASE);
                sched.scheduleTimeout(cpu, 1_000_000);
                assertEquals(0, Task.TIMER_EXPIRES.get(cpu, Sched.current(cpu)));
                assertEquals(Task.RUNNING, Task.STATE.readOnce(cpu, Sched.current(cpu)));
                long before = machine.jiffies(cpu);
                sched.scheduleTimeout(cpu, 1_000_000);
                assertTrue(machine.jiffies(cpu) - before < 1000, "slept though its state was RUNNING");
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldPreemptKernelLoopWhenKernelIsPreemptible(String kind) {
        try (Machine machine = Machines.of(kind, 1, 3)) {
            long page = Machines.memory(machine, 128);
            SpinLock.init(machine.bootCpu(), page + 64, TEST);
            Machines.runTasks(machine, 1, (cpu, i) -> {
                Sched.of(machine).spawn(cpu, other -> other.writeOnce32(page, 1), 0, "other", 0);
                // Ends only if the other task of this CPU gets it.
                while (cpu.readOnce32(page) == 0) {
                    SpinLock.lock(cpu, page + 64);
                    SpinLock.unlock(cpu, page + 64);
                }
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldSwitchOnlyWhereAskedWhenKernelIsNotPreemptible(String kind) {
        MachineConfig config = MachineConfig.of(8 << 20, 1).withPreemptible(false);
        try (Machine machine = Machines.of(kind, config)) {
            long page = Machines.memory(machine, 128);
            SpinLock.init(machine.bootCpu(), page + 64, TEST);
            Machines.runTasks(machine, 1, (cpu, i) -> {
                Sched.of(machine).spawn(cpu, other -> other.writeOnce32(page, 1), 0, "other", 0);
                for (long end = machine.jiffies(cpu) + 5; machine.jiffies(cpu) < end; ) {
                    SpinLock.lock(cpu, page + 64);
                    SpinLock.unlock(cpu, page + 64);
                    assertEquals(0, cpu.readOnce32(page));
                }
                Sched.of(machine).condResched(cpu);
                assertEquals(1, cpu.readOnce32(page));
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldNotLoseConditionWhenPreemptedBetweenStateAndLook(String kind) {
        for (int seed = 0; seed < Machines.seeds(kind); seed++) {
            try (Machine machine = Machines.of(kind, 1, seed)) {
                long page = Machines.memory(machine, 64);
                machine.bootCpu().write32(page, 1);
                Machines.runTasks(machine, 1, (cpu, i) -> {
                    Sched.of(machine).spawn(cpu, other -> {}, 0, "other", 0);
                    Sched.setState(cpu, Task.UNINTERRUPTIBLE);
                    // The condition holds already, so nobody will wake this task; ticks come meanwhile.
                    for (long end = machine.jiffies(cpu) + 2; machine.jiffies(cpu) < end; ) {
                        Preempt.disable(cpu);
                        Preempt.enable(cpu);
                    }
                    if (cpu.readOnce32(page) == 0) {
                        Sched.of(machine).schedule(cpu);
                    }
                    Task.STATE.writeOnce(cpu, Sched.current(cpu), Task.RUNNING);
                });
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldWakeTaskOnceWhenItWasPreemptedAsleep(String kind) {
        for (int seed = 0; seed < Machines.seeds(kind); seed++) {
            try (Machine machine = Machines.of(kind, 2, seed)) {
                long page = Machines.memory(machine, 128);
                WaitQueue.init(machine.bootCpu(), page);
                int rounds = Machines.rounds(kind);
                Machines.runTasks(machine, 4, (cpu, i) -> {
                    for (int n = 0; n < rounds; n++) {
                        if (i == 1) {
                            cpu.fetchAdd32(page + 64, 1, Order.FULL);
                            WaitQueue.wakeAll(cpu, page);
                        } else {
                            waitFor(machine, cpu, page, n + 1);
                        }
                    }
                });
            }
        }
    }

    private static void waitFor(Machine machine, Cpu cpu, long page, int count) {
        WaitQueue.prepare(cpu, page, Task.UNINTERRUPTIBLE);
        while (cpu.readOnce32(page + 64) < count) {
            Sched.of(machine).schedule(cpu);
            WaitQueue.prepare(cpu, page, Task.UNINTERRUPTIBLE);
        }
        WaitQueue.finish(cpu, page);
    }
}

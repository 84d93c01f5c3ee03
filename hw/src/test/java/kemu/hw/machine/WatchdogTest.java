package kemu.hw.machine;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.KernelBug;
import kemu.hw.mem.KernelOops;
import kemu.kernel.context.Preempt;
import kemu.kernel.context.Task;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.LockingCore;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.Machines;
import kemu.kernel.task.Mutex;
import kemu.kernel.task.Sched;
import kemu.kernel.task.TaskBody;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WatchdogTest {
    private static final LockClass STUCK = LockClass.of("stuck_lock");
    private static final long SHORT = 60;

    private static String failureOf(Machine machine) {
        return Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(60),
                () -> assertThrows(KernelBug.class, machine::run).getMessage());
    }

    private static void spawn(Machine machine, int on, String name, TaskBody body) {
        Sched.of(machine).spawn(machine.bootCpu(), body, on, name, 0);
    }

    private static void assertSays(String message, String... parts) {
        for (String part : parts) {
            assertTrue(message.contains(part), () -> "no \"" + part + "\" in: " + message);
        }
    }

    /** Takes {@code lock} and spins with it until the machine halts. */
    private static void holdForEver(Machine machine, Cpu cpu, long lock) {
        SpinLock.lock(cpu, lock);
        while (!machine.halted()) {
            cpu.relax();
        }
    }

    private static void waitUntilHeld(Cpu cpu, long lock) {
        while (!SpinLock.isLocked(cpu, lock)) {
            cpu.relax();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldReportSoftLockupWithHolderWhenLockIsNeverReleased(String kind) {
        for (String spinLock : kemu.kernel.locking.SpinLocks.names()) {
            try (Machine machine =
                    Machines.of(kind, MachineConfig.of(8 << 20, 2).withSpinLock(spinLock))) {
                long lock = Machines.memory(machine, 64);
                SpinLock.init(machine.bootCpu(), lock, STUCK);
                machine.watchdog().softLockup(SHORT);
                spawn(machine, 0, "holder", cpu -> holdForEver(machine, cpu, lock));
                spawn(machine, 1, "victim", cpu -> {
                    waitUntilHeld(cpu, lock);
                    SpinLock.lock(cpu, lock);
                });
                String message = failureOf(machine);
                assertSays(message, "BUG: soft lockup - CPU#", "[victim:", "waits for spinlock stuck_lock");
                assertSays(message, "last taken by [holder:");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldReportHardLockupWhenCpuSpinsWithInterruptsDisabled(String kind) {
        try (Machine machine = Machines.of(kind, 2, 1)) {
            long lock = Machines.memory(machine, 64);
            SpinLock.init(machine.bootCpu(), lock, STUCK);
            machine.watchdog().softLockup(0).hardLockup(SHORT);
            spawn(machine, 0, "holder", cpu -> holdForEver(machine, cpu, lock));
            spawn(machine, 1, "victim", cpu -> {
                waitUntilHeld(cpu, lock);
                SpinLock.lockIrq(cpu, lock);
            });
            String message = failureOf(machine);
            assertSays(message, "BUG: hard LOCKUP on cpu 1", "[victim:", "waits for spinlock stuck_lock");
            assertSays(message, "last taken by [holder:", "SpinLock.lockIrq");
        }
    }

    @Test
    void shouldReportHardLockupAndReturnWhenCpuNeverPolls() {
        AtomicBoolean release = new AtomicBoolean();
        try (Machine machine = Machines.of("native", 2, 1)) {
            long word = Machines.memory(machine, 64);
            machine.watchdog().hardLockup(SHORT);
            spawn(machine, 1, "runaway", cpu -> loopWithoutPolling(cpu, word, release));
            assertSays(failureOf(machine), "BUG: hard LOCKUP on cpu 1", "[runaway:", "loopWithoutPolling");
        } finally {
            release.set(true);
        }
    }

    private static void loopWithoutPolling(Cpu cpu, long word, AtomicBoolean release) {
        while (cpu.read32(word) == 0 && !release.get()) {
            Thread.onSpinWait();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldReportHungTaskWhenMutexIsNeverReleased(String kind) {
        try (Machine machine = Machines.of(kind, 2, 1)) {
            long mutex = Machines.memory(machine, 64);
            Mutex.init(machine.bootCpu(), mutex, STUCK);
            machine.watchdog().hungTask(SHORT);
            spawn(machine, 0, "holder", cpu -> {
                Mutex.lock(cpu, mutex);
                while (!machine.halted()) {
                    Sched.of(machine).sleep(cpu, 2);
                }
            });
            spawn(machine, 1, "victim", cpu -> {
                Sched.of(machine).sleep(cpu, 3);
                Mutex.lock(cpu, mutex);
            });
            String message = failureOf(machine);
            assertSays(message, "INFO: task victim:", "blocked for more than", "waits for mutex stuck_lock");
            assertSays(message, "held by [holder:", "Mutex.lockSlow");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldNotReportTaskThatSleepsByTimerOrIsWoken(String kind) {
        try (Machine machine = Machines.of(kind, 2, 1)) {
            machine.watchdog().hungTask(20).softLockup(SHORT).hardLockup(SHORT);
            spawn(machine, 0, "sleeper", cpu -> {
                kemu.kernel.task.Sched.setState(cpu, Task.UNINTERRUPTIBLE);
                Sched.of(machine).scheduleTimeout(cpu, 100);
                // Alone on its CPU and preemptible: no lockup however long it computes.
                for (long end = machine.jiffies(cpu) + 3 * SHORT; machine.jiffies(cpu) < end; ) {
                    Sched.of(machine).condResched(cpu);
                }
                machine.halt();
            });
            machine.run();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldReportTaskThatEndsWithLockHeld(String kind) {
        try (Machine machine = Machines.of(kind, 2, 1)) {
            long lock = Machines.memory(machine, 64);
            SpinLock.init(machine.bootCpu(), lock, STUCK);
            spawn(machine, 1, "leaver", cpu -> SpinLock.lock(cpu, lock));
            assertSays(failureOf(machine), "BUG: scheduling while atomic: leaver/", "/0x00000001");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldStopCpusThatSpinWithInterruptsDisabledWhenAnotherFails(String kind) {
        try (Machine machine = Machines.of(kind, 4, 1)) {
            long lock = Machines.memory(machine, 64);
            SpinLock.init(machine.bootCpu(), lock, STUCK);
            LockingCore.spinLocks(machine.bootCpu()).lock(machine.bootCpu(), lock);
            spawn(machine, 0, "irq", cpu -> SpinLock.lockIrq(cpu, lock));
            spawn(machine, 1, "plain", cpu -> SpinLock.lock(cpu, lock));
            spawn(machine, 2, "relax", cpu -> {
                Preempt.irqDisable(cpu);
                while (true) {
                    cpu.relax();
                }
            });
            spawn(machine, 3, "wild", cpu -> {
                Sched.of(machine).sleep(cpu, 5);
                cpu.write32(8, 1);
            });
            assertTrue(failureOf(machine).contains("NULL pointer dereference"));
            assertTrue(machine.failure() instanceof KernelOops);
        }
    }

    @Test
    void shouldReportHangWhenEveryEmulatedCpuWaits() {
        try (Machine machine = Machines.of("emu", 2, 1)) {
            machine.watchdog().softLockup(0).hungTask(0).hang(SHORT);
            long mutex = Machines.memory(machine, 64);
            Mutex.init(machine.bootCpu(), mutex, STUCK);
            spawn(machine, 0, "leaver", cpu -> Mutex.lock(cpu, mutex));
            spawn(machine, 1, "victim", cpu -> {
                Sched.of(machine).sleep(cpu, 3);
                Mutex.lock(cpu, mutex);
            });
            Hang hang = assertThrows(Hang.class, machine::run);
            assertSays(hang.getMessage(), "state:D", "waits for mutex stuck_lock", "held by pid");
        }
    }
}

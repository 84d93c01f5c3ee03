package kemu.kernel.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.mem.KernelBug;
import kemu.hw.mem.KernelOops;
import kemu.hw.order.Order;
import kemu.kernel.context.Task;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SchedTest {
    private static final LockClass TEST_LOCK = LockClass.of("test");

    private static Machine machine(String kind, int cpus, long seed) {
        MachineConfig config = MachineConfig.of(8 << 20, cpus).withSeed(seed);
        return kind.equals("native") ? KernelCore.bootNative(config) : KernelCore.bootEmulated(config);
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu", "tso", "weak"})
    void shouldRunTasksOnAllCpusUnderOneLock(String kind) {
        try (Machine machine = machine(kind, 4, 7)) {
            Cpu boot = machine.bootCpu();
            long page = machine.bootAllocator().allocate(boot, 64, 64, "test");
            SpinLock.init(boot, page, TEST_LOCK);
            for (int i = 0; i < 8; i++) {
                Sched.of(machine).spawn(boot, cpu -> add(machine, cpu, page), i % 4, "adder", 0);
            }
            machine.run();
            assertEquals(8 * 100, boot.read32(page + 16));
        }
    }

    private static void add(Machine machine, Cpu cpu, long page) {
        for (int i = 0; i < 100; i++) {
            SpinLock.lock(cpu, page);
            cpu.write32(page + 16, cpu.read32(page + 16) + 1);
            SpinLock.unlock(cpu, page);
            Sched.of(machine).condResched(cpu);
        }
        if (cpu.fetchAdd32(page + 20, 1, Order.FULL) == 7) {
            machine.halt();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu", "tso", "weak"})
    void shouldWakeSleeperWhenConditionIsSet(String kind) {
        for (int seed = 0; seed < 50; seed++) {
            try (Machine machine = machine(kind, 2, seed)) {
                Cpu boot = machine.bootCpu();
                long page = machine.bootAllocator().allocate(boot, 128, 64, "test");
                WaitQueue.init(boot, page);
                Sched.of(machine).spawn(boot, cpu -> sleepUntilSet(machine, cpu, page), 0, "sleeper", 0);
                Sched.of(machine).spawn(boot, cpu -> set(cpu, page), 1, "setter", 0);
                machine.run();
                assertEquals(2, boot.read32(page + 64));
            }
        }
    }

    private static void sleepUntilSet(Machine machine, Cpu cpu, long page) {
        WaitQueue.prepare(cpu, page, Task.UNINTERRUPTIBLE);
        while (cpu.readOnce32(page + 64) == 0) {
            Sched.of(machine).schedule(cpu);
            WaitQueue.prepare(cpu, page, Task.UNINTERRUPTIBLE);
        }
        WaitQueue.finish(cpu, page);
        Sched.of(machine).scheduleTimeout(cpu, 2);
        cpu.writeOnce32(page + 64, 2);
        machine.halt();
    }

    private static void set(Cpu cpu, long page) {
        cpu.writeOnce32(page + 64, 1);
        WaitQueue.wakeAll(cpu, page);
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu", "tso", "weak"})
    void shouldOopsWhenNullIsDereferenced(String kind) {
        try (Machine machine = machine(kind, 2, 1)) {
            Sched.of(machine).spawn(machine.bootCpu(), cpu -> cpu.read64(0x18), 1, "wild", 0);
            KernelOops oops = assertThrows(KernelOops.class, machine::run);
            assertEquals(0x18, oops.address());
            assertTrue(oops.getMessage().contains("NULL pointer"), oops.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"emu"})
    void shouldReportSoftLockupWhenLockIsNeverReleased(String kind) {
        try (Machine machine = machine(kind, 2, 1)) {
            Cpu boot = machine.bootCpu();
            long page = machine.bootAllocator().allocate(boot, 64, 64, "test");
            SpinLock.init(boot, page, TEST_LOCK);
            Sched.of(machine).spawn(boot, cpu -> SpinLock.lock(cpu, page), 0, "taker", 0);
            Sched.of(machine).spawn(boot, cpu -> SpinLock.lock(cpu, page), 1, "victim", 0);
            KernelBug bug = assertThrows(KernelBug.class, machine::run);
            assertTrue(
                    bug.getMessage().contains("soft lockup") || bug.getMessage().contains("while atomic"),
                    bug.getMessage());
        }
    }
}

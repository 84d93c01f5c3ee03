package kemu.hw.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.KernelBug;
import kemu.hw.order.Order;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.KernelCore;
import kemu.kernel.task.Machines;
import kemu.kernel.task.Mutex;
import kemu.kernel.task.Sched;
import org.junit.jupiter.api.Test;

class EmuMachineTest {
    private static final LockClass TEST = LockClass.of("test");

    private record Outcome(long steps, long switches, long hash, int witness) {}

    private static Outcome run(long seed) {
        try (EmuMachine machine =
                KernelCore.bootEmulated(MachineConfig.of(8 << 20, 3).withSeed(seed))) {
            Cpu boot = machine.bootCpu();
            long page = Machines.memory(machine, 256);
            SpinLock.init(boot, page, TEST);
            Mutex.init(boot, page + 64, TEST);
            Machines.runTasks(machine, 6, (cpu, i) -> {
                for (int n = 0; n < 20; n++) {
                    Mutex.lock(cpu, page + 64);
                    cpu.writeOnce32(page + 128, cpu.readOnce32(page + 128) * 31 + i);
                    Mutex.unlock(cpu, page + 64);
                    SpinLock.lock(cpu, page);
                    cpu.write32(page + 132, cpu.read32(page + 132) + 1);
                    SpinLock.unlock(cpu, page);
                    if (n == i) {
                        Sched.of(machine).sleep(cpu, 1);
                    }
                }
            });
            return new Outcome(machine.totalSteps(), machine.switches(), machine.memoryHash(), boot.read32(page + 128));
        }
    }

    @Test
    void shouldRepeatExecutionWhenSeedIsTheSame() {
        run(0);
        for (long seed = 0; seed < 20; seed++) {
            assertEquals(run(seed), run(seed));
        }
    }

    @Test
    void shouldFindOtherInterleavingsWhenSeedDiffers() {
        Set<Integer> witnesses = new HashSet<>();
        for (long seed = 0; seed < 20; seed++) {
            witnesses.add(run(seed).witness);
        }
        assertTrue(witnesses.size() > 15, () -> "only " + witnesses.size() + " different orders in 20 runs");
    }

    @Test
    void shouldHashContents() {
        try (EmuMachine machine = KernelCore.bootEmulated(MachineConfig.of(8 << 20, 1))) {
            Cpu boot = machine.bootCpu();
            long page = Machines.memory(machine, 64);
            long before = machine.memoryHash();
            boot.write32(page + 60, 1);
            long changed = machine.memoryHash();
            boot.write32(page + 60, 0);
            assertEquals(before, machine.memoryHash());
            assertTrue(changed != before);
        }
    }

    @Test
    void shouldShowTheSamePatternInMemoryThatNobodyWrote() {
        for (int i = 0; i < 4; i++) {
            try (EmuMachine machine = KernelCore.bootEmulated(MachineConfig.of(8 << 20, 1))) {
                long frame = machine.bootAllocator().firstFreeFrame() + (1 << 20);
                assertEquals(0x5a5a5a5a5a5a5a5aL, machine.bootCpu().read64(frame + 8));
                machine.bootCpu().write64(frame + 8, i);
                assertEquals(i, machine.bootCpu().read64(frame + 8));
            }
        }
    }

    @Test
    void shouldGiveEveryCpuItsShareWhenAllCanRun() {
        try (EmuMachine machine = KernelCore.bootEmulated(MachineConfig.of(8 << 20, 4))) {
            long page = Machines.memory(machine, 64);
            int[] done = new int[4];
            for (int i = 0; i < 4; i++) {
                // CPU 1 waits all the time; the CPU after it must not get its turns.
                Sched.of(machine)
                        .spawn(
                                machine.bootCpu(),
                                cpu -> {
                                    if (cpu.id() == 1) {
                                        cpu.condLoadEq32(page, -1, 1, Order.ACQUIRE);
                                    }
                                    while (cpu.fetchAdd32(page + 4, 1, Order.RELAXED) < 400_000) {
                                        done[cpu.id()]++;
                                    }
                                    machine.halt();
                                },
                                i,
                                "share" + i,
                                0);
            }
            machine.run();
            for (int i : new int[] {0, 2, 3}) {
                assertEquals(400_000 / 3.0, done[i], 20_000, "turns of CPU " + i);
            }
        }
    }

    @Test
    void shouldReportBootCodeThatWaits() {
        try (EmuMachine machine = KernelCore.bootEmulated(MachineConfig.of(8 << 20, 2))) {
            long page = Machines.memory(machine, 64);
            assertThrows(KernelBug.class, () -> machine.bootCpu().condLoadEq32(page, -1, 1, Order.ACQUIRE));
        }
    }
}

package kemu.kernel.locking;

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
import kemu.kernel.task.Machines;
import kemu.kernel.task.Sched;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpinLockTest {
    private static final LockClass TEST = LockClass.of("spin_test");
    private static final int COUNTER = 64;

    private static Machine machine(String kind, String spinLock, int cpus, long seed) {
        return Machines.of(kind, MachineConfig.of(8 << 20, cpus).withSeed(seed).withSpinLock(spinLock));
    }

    @ParameterizedTest
    @CsvSource({
        "native,ticket",
        "native,tas",
        "native,debug",
        "native,mcs",
        "native,clh",
        "emu,mcs",
        "emu,clh",
        "tso,mcs",
        "tso,clh",
        "weak,mcs",
        "weak,clh",
        "emu,ticket",
        "emu,tas",
        "emu,debug",
        "tso,ticket",
        "weak,ticket",
        "weak,tas",
        "weak,debug"
    })
    void shouldExcludeOthersWhenHeld(String kind, String spinLock) {
        for (int seed = 0; seed < Machines.seeds(kind); seed++) {
            try (Machine machine = machine(kind, spinLock, 4, seed)) {
                long page = Machines.memory(machine, 128);
                SpinLock.init(machine.bootCpu(), page, TEST);
                // Close to the wrap of the 8-bit tickets.
                if (spinLock.equals("ticket")) {
                    machine.bootCpu().write32(SpinLock.HEAD.of(page), 250);
                    machine.bootCpu().write32(SpinLock.TAIL.of(page), 250);
                }
                int rounds = Machines.rounds(kind);
                Machines.runTasks(machine, 4, (cpu, i) -> rounds(cpu, page, rounds));
                assertEquals(4L * rounds, machine.bootCpu().read64(page + COUNTER));
                assertFalse(SpinLock.isLocked(machine.bootCpu(), page));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"emu,ticket", "emu,tas", "emu,debug", "emu,mcs", "emu,clh", "native,ticket"})
    void shouldWaitForHolderWithoutTakingTheLock(String kind, String spinLock) {
        for (int seed = 0; seed < Machines.seeds(kind); seed++) {
            try (Machine machine = machine(kind, spinLock, 2, seed)) {
                long page = Machines.memory(machine, 128);
                SpinLock.init(machine.bootCpu(), page, TEST);
                Machines.runTasks(machine, 2, (cpu, i) -> {
                    if (i == 0) {
                        SpinLock.lock(cpu, page);
                        cpu.storeRelease64(page + COUNTER, 1, Order.RELEASE);
                        cpu.storeRelease64(page + COUNTER, 2, Order.RELEASE);
                        SpinLock.unlock(cpu, page);
                        return;
                    }
                    cpu.condLoadNe64(page + COUNTER, -1, 0, Order.ACQUIRE);
                    SpinLock.unlockWait(cpu, page);
                    assertEquals(2, cpu.loadAcquire64(page + COUNTER, Order.ACQUIRE));
                    assertTrue(SpinLock.tryLock(cpu, page), "nobody queues any more");
                    SpinLock.unlock(cpu, page);
                });
            }
        }
    }

    private static void rounds(Cpu cpu, long page, int rounds) {
        for (int i = 0; i < rounds; i++) {
            if (i % 3 == 0) {
                SpinLock.lockIrq(cpu, page);
            } else if (i % 3 == 1 || !SpinLock.tryLock(cpu, page)) {
                SpinLock.lock(cpu, page);
            }
            long seen = cpu.readOnce64(page + COUNTER);
            assertTrue(SpinLock.isLocked(cpu, page));
            cpu.writeOnce64(page + COUNTER, seen + 1);
            if (i % 3 == 0) {
                SpinLock.unlockIrq(cpu, page);
            } else {
                SpinLock.unlock(cpu, page);
            }
        }
        assertEquals(0, Preempt.count(cpu));
        assertFalse(Preempt.irqsDisabled(cpu));
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu", "tso", "weak"})
    void shouldServeInOrderOfTickets(String kind) {
        for (int seed = 0; seed < Machines.seeds(kind); seed++) {
            try (Machine machine = machine(kind, "ticket", 4, seed)) {
                long page = Machines.memory(machine, 128);
                SpinLock.init(machine.bootCpu(), page, TEST);
                Machines.runTasks(machine, 4, (cpu, i) -> {
                    // Task i draws ticket i; task 0 keeps the lock until all have drawn.
                    cpu.condLoadEq32(SpinLock.TAIL.of(page), -1, i, Order.ACQUIRE);
                    SpinLock.lock(cpu, page);
                    if (i == 0) {
                        cpu.condLoadEq32(SpinLock.TAIL.of(page), -1, 4, Order.ACQUIRE);
                    }
                    cpu.write32(page + COUNTER, cpu.read32(page + COUNTER) * 10 + i);
                    SpinLock.unlock(cpu, page);
                });
                assertEquals(123, machine.bootCpu().read32(page + COUNTER));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu", "tso", "weak"})
    void shouldWaitFor255UnlocksWhenTicketLockWasUnlockedOnceTooOften(String kind) {
        try (Machine machine = machine(kind, "ticket", 2, 1)) {
            long page = Machines.memory(machine, 128);
            SpinLock.init(machine.bootCpu(), page, TEST);
            SpinLocks locks = LockingCore.spinLocks(machine.bootCpu());
            locks.unlock(machine.bootCpu(), page);
            Machines.runTasks(machine, 2, (cpu, i) -> {
                if (i == 1) {
                    SpinLock.lock(cpu, page);
                    cpu.writeOnce32(page + COUNTER, 1);
                    SpinLock.unlock(cpu, page);
                    return;
                }
                for (int n = 0; n < 255; n++) {
                    cpu.condLoadEq32(SpinLock.TAIL.of(page), -1, 1, Order.ACQUIRE);
                    Sched.of(machine).sleep(cpu, n < 3 || n > 250 ? 2 : 0);
                    assertEquals(0, cpu.readOnce32(page + COUNTER), "locker got in after " + n + " unlocks");
                    locks.unlock(cpu, page);
                }
                cpu.condLoadEq32(page + COUNTER, -1, 1, Order.ACQUIRE);
            });
        }
    }

    @Test
    void shouldHideWrongUnlockAndLetSecondOwnerInWhenTas() {
        try (Machine machine = machine("emu", "tas", 1, 1)) {
            Cpu cpu = machine.bootCpu();
            long page = Machines.memory(machine, 64);
            SpinLock.init(cpu, page, TEST);
            LockingCore.spinLocks(machine.bootCpu()).unlock(cpu, page);
            assertTrue(SpinLock.tryLock(cpu, page));
            assertFalse(SpinLock.tryLock(cpu, page));
            LockingCore.spinLocks(machine.bootCpu()).unlock(cpu, page);
            assertTrue(SpinLock.tryLock(cpu, page), "the wrong unlock must free the lock under its owner");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "native,recursion", "native,already unlocked", "native,wrong owner", "native,bad magic",
        "emu,recursion", "emu,already unlocked", "emu,wrong owner", "emu,bad magic"
    })
    void shouldReportMisuseWhenDebugging(String kind, String what) {
        try (Machine machine = machine(kind, "debug", 2, 1)) {
            long page = Machines.memory(machine, 128);
            SpinLock.init(machine.bootCpu(), page, TEST);
            KernelBug bug = assertThrows(
                    KernelBug.class, () -> Machines.runTasks(machine, 2, (cpu, i) -> misuse(cpu, page, i, what)));
            assertTrue(bug.getMessage().startsWith("BUG: spinlock " + what + " on CPU#"), bug.getMessage());
            assertTrue(what.equals("bad magic") || bug.getMessage().contains("spin_test"), bug.getMessage());
        }
    }

    private static void misuse(Cpu cpu, long page, int task, String what) {
        boolean first = task == 0;
        switch (what) {
            case "recursion" -> {
                if (first) {
                    SpinLock.lock(cpu, page);
                    SpinLock.lock(cpu, page);
                }
            }
            case "already unlocked" -> {
                if (first) {
                    SpinLock.unlock(cpu, page);
                }
            }
            case "bad magic" -> {
                if (first) {
                    SpinLock.lock(cpu, page + 64);
                }
            }
            default -> {
                if (first) {
                    SpinLock.lock(cpu, page);
                    cpu.condLoadEq32(page + COUNTER, -1, 1, Order.ACQUIRE);
                } else {
                    cpu.condLoadNe32(SpinLock.HEAD.of(page), -1, 0, Order.ACQUIRE);
                    SpinLock.unlock(cpu, page);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu", "tso", "weak"})
    void shouldExcludeOthersWhenBitIsHeld(String kind) {
        for (int seed = 0; seed < Machines.seeds(kind); seed++) {
            try (Machine machine = machine(kind, "ticket", 4, seed)) {
                long page = Machines.memory(machine, 128);
                machine.bootCpu().write64(page, 0x10);
                int rounds = Machines.rounds(kind);
                Machines.runTasks(machine, 4, (cpu, i) -> {
                    for (int n = 0; n < rounds; n++) {
                        if ((n & 1) == 0 || !BitLock.tryLock(cpu, page, 63)) {
                            BitLock.lock(cpu, page, 63);
                        }
                        cpu.writeOnce64(page + COUNTER, cpu.readOnce64(page + COUNTER) + 1);
                        BitLock.unlock(cpu, page, 63);
                    }
                    assertEquals(0, Preempt.count(cpu));
                });
                assertEquals(4L * rounds, machine.bootCpu().read64(page + COUNTER));
                assertEquals(0x10, machine.bootCpu().read64(page), "other bits of the word");
            }
        }
    }

    @Test
    void shouldReportUnlockOfClearBit() {
        try (Machine machine = machine("emu", "ticket", 1, 1)) {
            long page = Machines.memory(machine, 64);
            assertThrows(KernelBug.class, () -> BitLock.unlock(machine.bootCpu(), page, 0));
        }
    }

    @Test
    void shouldNameWhatIsAllowedWhenAlgorithmIsUnknown() {
        IllegalArgumentException bad = assertThrows(IllegalArgumentException.class, () -> SpinLocks.byName("qspin"));
        assertEquals("spinlock: qspin (allowed: ticket, tas, mcs, clh, debug)", bad.getMessage());
    }
}

package kemu.kernel.task;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Hang;
import kemu.hw.machine.Machine;
import kemu.kernel.locking.BitLock;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SeqCount;
import kemu.kernel.locking.SeqLock;
import kemu.kernel.locking.SpinLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LockReportTest {
    private static final LockClass SOME = LockClass.of("some->lock");

    private static void assertDescribes(Cpu cpu, long lock, String... parts) {
        String said = LockReport.describe(cpu, lock);
        for (String part : parts) {
            assertTrue(said.contains(part), () -> "no \"" + part + "\" in: " + said);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldNameClassStateAndHolderOfEveryKind(String kind) {
        try (Machine machine = Machines.of(kind, 1, 1)) {
            long page = Machines.memory(machine, 512);
            Machines.runTasks(machine, 1, (cpu, i) -> {
                SpinLock.init(cpu, page, SOME);
                Mutex.init(cpu, page + 64, SOME);
                RwSem.init(cpu, page + 128, SOME);
                Completion.init(cpu, page + 192, SOME);
                SeqLock.init(cpu, page + 256, SOME);
                checkFree(cpu, page);
                Mutex.lock(cpu, page + 64);
                RwSem.downWrite(cpu, page + 128);
                SpinLock.lock(cpu, page);
                SeqLock.writeLock(cpu, page + 256);
                checkHeld(cpu, page);
                SeqLock.writeUnlock(cpu, page + 256);
                SpinLock.unlock(cpu, page);
                RwSem.downgradeWrite(cpu, page + 128);
                RwSem.tryDownRead(cpu, page + 128);
                assertDescribes(cpu, page + 128, "held by 2 readers");
            });
        }
    }

    private static void checkFree(Cpu cpu, long page) {
        assertDescribes(cpu, page, "spinlock some->lock 0x", "(free)", "at test+0x0");
        assertDescribes(cpu, page + 64, "mutex some->lock", "(free)");
        assertDescribes(cpu, page + 128, "rwsem some->lock", "(free)");
        assertDescribes(cpu, page + 192, "completion some->lock");
        assertDescribes(cpu, page + 256, "spinlock some->lock", "(free)", "at test+0x100");
        cpu.write64(page + 320, 0x30);
        assertDescribes(cpu, BitLock.blockedOn(page + 320), "bit lock 0x", "word 0x30", "at test+0x140");
        assertDescribes(cpu, page + 384, "test+0x180");
    }

    private static void checkHeld(Cpu cpu, long page) {
        assertDescribes(cpu, page, "locked, last taken by [test0:");
        assertDescribes(cpu, page + 64, "held by [test0:");
        assertDescribes(cpu, page + 128, "write-held by [test0:");
        assertDescribes(cpu, page + 256, "locked, last taken by [test0:");
        long count = SeqLock.COUNT.of(page + 256);
        assertDescribes(cpu, SeqCount.blockedOn(count), "seqcount some->lock", "sequence 1, being written");
    }

    @Test
    void shouldMakeWritersWaitForEverWhenSemaphoreWasReleasedOnceTooOften() {
        try (Machine machine = Machines.of("emu", 2, 1)) {
            long page = Machines.memory(machine, 64);
            RwSem.init(machine.bootCpu(), page, SOME);
            machine.watchdog().hungTask(0).hang(50);
            Hang hang = assertThrows(
                    Hang.class,
                    () -> Machines.runTasks(machine, 1, (cpu, i) -> {
                        RwSem.upRead(cpu, page);
                        RwSem.downRead(cpu, page);
                        RwSem.upRead(cpu, page);
                        RwSem.downWrite(cpu, page);
                    }));
            assertTrue(hang.getMessage().contains("waits for rwsem some->lock"), hang.getMessage());
        }
    }

    @Test
    void shouldLetSecondOwnerInWhenMutexIsReleasedByAnother() {
        try (Machine machine = Machines.of("emu", 1, 1)) {
            long page = Machines.memory(machine, 64);
            Cpu cpu = machine.bootCpu();
            Mutex.init(cpu, page, SOME);
            assertTrue(Mutex.tryLock(cpu, page));
            Machines.runTasks(machine, 1, (other, i) -> {
                Mutex.unlock(other, page);
                assertTrue(Mutex.tryLock(other, page));
            });
        }
    }
}

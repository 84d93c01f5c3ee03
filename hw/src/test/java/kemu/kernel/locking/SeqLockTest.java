package kemu.kernel.locking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.hw.mem.KernelBug;
import kemu.kernel.task.Machines;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SeqLockTest {
    private static final LockClass TEST = LockClass.of("seq_test");
    private static final int A = 64;
    private static final int B = 128;
    private static final int RETRIES = 192;

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu", "tso", "weak"})
    void shouldShowReadersOneStateWhenWritersWrite(String kind) {
        long retries = 0;
        for (int seed = 0; seed < Machines.seeds(kind); seed++) {
            try (Machine machine = Machines.of(kind, 4, seed)) {
                long page = Machines.memory(machine, 256);
                SeqLock.init(machine.bootCpu(), page, TEST);
                int rounds = Machines.rounds(kind);
                Machines.runTasks(machine, 4, (cpu, i) -> {
                    for (int n = 0; n < rounds; n++) {
                        if (i < 2) {
                            write(cpu, page);
                        } else {
                            read(cpu, page);
                        }
                    }
                });
                assertEquals(2L * rounds, machine.bootCpu().read64(page + A));
                assertFalse(SeqLock.isWriteLocked(machine.bootCpu(), page));
                retries += machine.bootCpu().read64(page + RETRIES);
            }
        }
        assertTrue(retries > 0 || kind.equals("native"), "no reader ever met a writer");
    }

    private static void write(Cpu cpu, long page) {
        SeqLock.writeLock(cpu, page);
        long next = cpu.readOnce64(page + A) + 1;
        cpu.writeOnce64(page + A, next);
        cpu.writeOnce64(page + B, next);
        SeqLock.writeUnlock(cpu, page);
    }

    private static void read(Cpu cpu, long page) {
        long a;
        long b;
        int begin = SeqLock.readBegin(cpu, page);
        while (true) {
            a = cpu.readOnce64(page + A);
            b = cpu.readOnce64(page + B);
            if (!SeqLock.readRetry(cpu, page, begin)) {
                break;
            }
            cpu.fetchAdd64(page + RETRIES, 1, kemu.hw.order.Order.RELAXED);
            begin = SeqLock.readBegin(cpu, page);
        }
        if (a != b) {
            throw new KernelBug("reader saw " + a + " and " + b);
        }
    }

    @Test
    void shouldRetryWithoutWaitingWhenWriterWrites() {
        try (Machine machine = Machines.of("emu", 1, 1)) {
            Cpu cpu = machine.bootCpu();
            long count = Machines.memory(machine, 64);
            SeqCount.init(cpu, count, TEST);
            int quiet = SeqCount.readBeginNoWait(cpu, count);
            assertFalse(SeqCount.readRetry(cpu, count, quiet));
            SeqCount.writeBegin(cpu, count);
            assertTrue(SeqCount.readRetry(cpu, count, quiet));
            int during = SeqCount.readBeginNoWait(cpu, count);
            assertTrue(SeqCount.readRetry(cpu, count, during));
            SeqCount.writeEnd(cpu, count);
            assertTrue(SeqCount.readRetry(cpu, count, during));
            assertFalse(SeqCount.readRetry(cpu, count, SeqCount.readBegin(cpu, count)));
        }
    }
}

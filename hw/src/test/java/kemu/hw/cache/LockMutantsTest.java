package kemu.hw.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.mem.KernelBug;
import kemu.hw.order.Barriers;
import kemu.kernel.locking.BitLock;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SeqLock;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.KernelCore;
import kemu.kernel.task.Machines;
import kemu.kernel.task.Mutex;
import kemu.kernel.task.RwSem;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The ordering points of the locks are needed: without one, two words that the lock keeps equal are seen to differ, or
 * a sleeper is never woken. Not here, since nothing on this hardware shows their absence: {@code rwsem.UP_READ} (loads
 * are never later than their turn), {@code ANNOUNCE} and {@code HAND_OVER} of mutex and rwsem (done under the queue's
 * spinlock, and each covers for the other), {@code task_struct.wait_kind} (the sleeper's task switch is a full fence).
 */
class LockMutantsTest {
    private static final LockClass TEST = LockClass.of("mutant_test");
    private static final int SEEDS = 1500;
    private static final int ROUNDS = 20;
    private static final int FIRST = 1024;
    private static final int SECOND = 2048;

    /** The first seed, counted from 1, that breaks with {@code barrier} weakened; 0 if none does. */
    private static int broken(String lock, String spinLock, String barrier) {
        for (int seed = 0; seed < SEEDS; seed++) {
            MachineConfig config = MachineConfig.of(8 << 20, 3)
                    .withSeed(seed)
                    .withSpinLock(spinLock)
                    .withModel(MemoryModel.WEAK);
            try (EmuMachine machine = KernelCore.bootEmulated(config)) {
                long page = Machines.memory(machine, 4096);
                init(machine.bootCpu(), lock, page);
                if (!barrier.isEmpty()) {
                    int id = Barriers.names().indexOf(barrier);
                    assertNotEquals(-1, id, barrier);
                    machine.weaken(id);
                }
                Machines.runTasks(machine, 3, (cpu, i) -> rounds(cpu, lock, page, i));
                if (machine.bootCpu().read64(page + FIRST) != machine.bootCpu().read64(page + SECOND)) {
                    return seed + 1;
                }
            } catch (KernelBug bug) {
                return seed + 1;
            }
        }
        return 0;
    }

    private static void init(Cpu cpu, String lock, long page) {
        switch (lock) {
            case "spin" -> SpinLock.init(cpu, page, TEST);
            case "bit" -> cpu.write64(page, 0);
            case "mutex" -> Mutex.init(cpu, page, TEST);
            case "rwsem" -> RwSem.init(cpu, page, TEST);
            default -> SeqLock.init(cpu, page, TEST);
        }
    }

    private static void rounds(Cpu cpu, String lock, long page, int task) {
        for (int i = 0; i < ROUNDS; i++) {
            boolean reads = (i + task) % 3 == 0;
            switch (lock) {
                case "spin" -> {
                    SpinLock.lock(cpu, page);
                    change(cpu, page);
                    SpinLock.unlock(cpu, page);
                }
                case "bit" -> {
                    BitLock.lock(cpu, page, 5);
                    change(cpu, page);
                    BitLock.unlock(cpu, page, 5);
                }
                case "mutex" -> {
                    Mutex.lock(cpu, page);
                    change(cpu, page);
                    Mutex.unlock(cpu, page);
                }
                case "rwsem" -> semRound(cpu, page, reads, i);
                default -> seqRound(cpu, page, reads);
            }
        }
    }

    private static void semRound(Cpu cpu, long page, boolean reads, int round) {
        if (reads) {
            RwSem.downRead(cpu, page);
            check(cpu, page);
            RwSem.upRead(cpu, page);
            return;
        }
        RwSem.downWrite(cpu, page);
        change(cpu, page);
        if (round % 4 == 0) {
            RwSem.downgradeWrite(cpu, page);
            check(cpu, page);
            RwSem.upRead(cpu, page);
        } else {
            RwSem.upWrite(cpu, page);
        }
    }

    private static void seqRound(Cpu cpu, long page, boolean reads) {
        if (!reads) {
            SeqLock.writeLock(cpu, page);
            cpu.writeOnce64(page + FIRST, cpu.readOnce64(page + FIRST) + 1);
            cpu.writeOnce64(page + SECOND, cpu.readOnce64(page + SECOND) + 1);
            SeqLock.writeUnlock(cpu, page);
            return;
        }
        // Time for others to write, without a fence of this CPU in between.
        for (int i = 0; i < 8; i++) {
            cpu.readOnce64(page + SECOND + 512);
        }
        int begin = SeqLock.readBegin(cpu, page);
        long first = cpu.readOnce64(page + FIRST);
        long second = cpu.readOnce64(page + SECOND);
        if (!SeqLock.readRetry(cpu, page, begin) && first != second) {
            throw new KernelBug("TEST: read " + first + " and " + second);
        }
    }

    private static void check(Cpu cpu, long page) {
        long first = cpu.read64(page + FIRST);
        // A marked access, so that others may run in between.
        cpu.readOnce64(page + FIRST + 512);
        if (first != cpu.read64(page + SECOND)) {
            throw new KernelBug("TEST: saw " + first + " and " + cpu.read64(page + SECOND));
        }
    }

    private static void change(Cpu cpu, long page) {
        check(cpu, page);
        cpu.write64(page + FIRST, cpu.read64(page + FIRST) + 1);
        cpu.readOnce64(page + FIRST + 512);
        cpu.write64(page + SECOND, cpu.read64(page + SECOND) + 1);
    }

    @ParameterizedTest
    @CsvSource({
        "spin, ticket, ticket.LOCK:acquire",
        "spin, ticket, ticket.UNLOCK:release",
        "spin, tas, tas.LOCK:acquire",
        "spin, tas, tas.UNLOCK:release",
        "spin, debug, debug.LOCK:acquire",
        "spin, debug, debug.UNLOCK:release",
        "bit, ticket, bitlock.LOCK:acquire",
        "bit, ticket, bitlock.UNLOCK:release",
        "mutex, ticket, mutex.LOCK:acquire",
        "mutex, ticket, mutex.UNLOCK:release",
        "mutex, ticket, sched.SLEEP_STATE",
        "mutex, ticket, sched.WAKE_CONDITION",
        "rwsem, ticket, rwsem.DOWN_READ:acquire",
        "rwsem, ticket, rwsem.DOWN_WRITE:acquire",
        "rwsem, ticket, rwsem.UP_WRITE:release",
        "rwsem, ticket, rwsem.DOWNGRADE:release",
        "seq, ticket, seqcount.READ_BEGIN",
        "seq, ticket, seqcount.READ_RETRY",
        "seq, ticket, seqcount.WRITE_BEGIN",
        "seq, ticket, seqcount.WRITE_END",
    })
    void shouldBreakWhenBarrierIsWeakened(String lock, String spinLock, String barrier) {
        assertNotEquals(0, broken(lock, spinLock, barrier));
    }

    @ParameterizedTest
    @ValueSource(strings = {"spin", "bit", "mutex", "rwsem", "seq"})
    void shouldHoldWhenNothingIsWeakened(String lock) {
        assertEquals(0, broken(lock, "ticket", ""), "seed that breaks, counted from 1");
    }
}

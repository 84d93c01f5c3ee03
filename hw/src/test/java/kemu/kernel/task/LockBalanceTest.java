package kemu.kernel.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.mem.KernelBug;
import kemu.kernel.context.Task;
import kemu.kernel.locking.BitLock;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import org.junit.jupiter.api.Test;

class LockBalanceTest {
    private long spin;
    private long other;
    private long sem;
    private long mutex;
    private long word;

    /** What is found while {@code bodies} run, one on each CPU. */
    private List<KernelBug> found(TaskBody... bodies) {
        try (EmuMachine machine = KernelCore.bootEmulated(MachineConfig.of(4L << 20, bodies.length))) {
            Cpu boot = machine.bootCpu();
            long words = machine.bootAllocator().allocate(boot, 1024, 64, "words");
            spin = words;
            other = words + 64;
            sem = words + 128;
            mutex = words + 256;
            word = words + 512;
            SpinLock.init(boot, spin, LockClass.of("test->spin"));
            SpinLock.init(boot, other, LockClass.of("test->other"));
            RwSem.init(boot, sem, LockClass.of("test->sem"));
            Mutex.init(boot, mutex, LockClass.of("test->mutex"));
            boot.write64(word, 0);
            LockBalance balance = new LockBalance(machine);
            balance.keepStacks(true);
            balance.begin();
            int[] left = {bodies.length};
            for (int i = 0; i < bodies.length; i++) {
                TaskBody body = bodies[i];
                Sched.of(machine)
                        .spawn(
                                boot,
                                cpu -> {
                                    body.run(cpu);
                                    if (--left[0] == 0) {
                                        machine.halt();
                                    }
                                },
                                i,
                                "locker",
                                Task.PF_KTHREAD);
            }
            machine.run();
            balance.ended(machine.cpu(0));
            return List.copyOf(balance.found());
        }
    }

    private void useAll(Cpu cpu) {
        for (int i = 0; i < 50; i++) {
            Mutex.lock(cpu, mutex);
            RwSem.downRead(cpu, sem);
            SpinLock.lock(cpu, spin);
            BitLock.lock(cpu, word, 3);
            if (SpinLock.tryLock(cpu, other)) {
                SpinLock.unlock(cpu, other);
            }
            BitLock.unlock(cpu, word, 3);
            SpinLock.unlock(cpu, spin);
            RwSem.upRead(cpu, sem);
            Mutex.unlock(cpu, mutex);
            RwSem.downWrite(cpu, sem);
            RwSem.downgradeWrite(cpu, sem);
            RwSem.upRead(cpu, sem);
            if (RwSem.tryDownWrite(cpu, sem)) {
                RwSem.upWrite(cpu, sem);
            }
            if (Mutex.tryLock(cpu, mutex)) {
                Mutex.unlock(cpu, mutex);
            }
        }
    }

    @Test
    void shouldSayNothingWhenLocksAreReleasedByWhoTookThem() {
        assertEquals(List.of(), found(this::useAll, this::useAll, this::useAll));
    }

    @Test
    void shouldReportTheReleaseOfAnotherLockAndTheOneLeftLocked() {
        List<KernelBug> found = found(cpu -> {
            SpinLock.lock(cpu, spin);
            SpinLock.unlock(cpu, other);
        });
        assertEquals(2, found.size());
        String wrong = found.get(0).getMessage();
        assertTrue(wrong.startsWith("WARNING: bad unlock balance detected! locker/"), wrong);
        assertTrue(wrong.contains("is trying to release lock (test->other 0x") && wrong.contains("but holds only:"));
        assertTrue(wrong.contains(" (test->spin 0x") && wrong.contains("taken at:"), wrong);
        String left = found.get(1).getMessage();
        assertTrue(left.contains("ended with lock held!") && left.contains("test->spin"), left);
    }

    @Test
    void shouldReportTheReleaseOfALockThatAnotherTaskHolds() {
        long[] seen = new long[1];
        List<KernelBug> found = found(
                cpu -> {
                    SpinLock.lock(cpu, spin);
                    cpu.writeOnce64(word, 1);
                    cpu.condLoadEq64(word, -1, 2, 0);
                    SpinLock.unlock(cpu, spin);
                },
                cpu -> {
                    seen[0] = cpu.condLoadEq64(word, -1, 1, 0);
                    SpinLock.unlock(cpu, spin);
                    kemu.kernel.context.Preempt.disable(cpu);
                    cpu.writeOnce64(word, 2);
                });
        assertEquals(1, found.size());
        String text = found.get(0).getMessage();
        assertTrue(text.contains("no more locks to release!") && text.contains("locks held by other tasks:"), text);
    }

    @Test
    void shouldTellReadersFromWriters() {
        List<KernelBug> found = found(cpu -> {
            RwSem.downWrite(cpu, sem);
            RwSem.upRead(cpu, sem);
        });
        assertTrue(found.get(0).getMessage().contains("test->sem 0x"));
        assertTrue(found.get(0).getMessage().contains(" for reading) at LockBalanceTest."));
    }
}

package kemu.hw.race;

import static org.junit.jupiter.api.Assertions.assertEquals;

import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.explore.Dpor;
import kemu.hw.explore.Explorer;
import kemu.hw.explore.Result;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.order.Barriers;
import kemu.kernel.context.Task;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.KernelCore;
import kemu.kernel.task.Sched;
import kemu.kernel.task.TaskBody;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A race is found in every order that stands for others: also where a store was made but nobody could see it yet. */
class ExhaustiveRaceTest {
    private static final int ACQUIRE = Barriers.acquire("test.EXHAUSTIVE_RACE");
    private static final int RELEASE = Barriers.release("test.EXHAUSTIVE_RACE");

    private long data;
    private long flag;
    private long lock;

    private Result.Verdict verdict(MemoryModel model, TaskBody... bodies) {
        try (EmuMachine machine = KernelCore.bootEmulated(
                MachineConfig.of(2L << 20, bodies.length).withModel(model))) {
            Cpu boot = machine.bootCpu();
            data = machine.bootAllocator().allocate(boot, 256, 64, "words");
            flag = data + 64;
            lock = data + 128;
            SpinLock.init(boot, lock, LockClass.of("test->lock"));
            machine.attach(machine.raceDetector(false, true));
            for (int i = 0; i < bodies.length; i++) {
                Sched.of(machine).spawn(boot, bodies[i], i, "t" + i, Task.PF_KTHREAD);
            }
            return new Explorer(machine, cpu -> {})
                    .explore(new Dpor(), 10_000, () -> 1)
                    .verdict();
        }
    }

    private void publish(Cpu cpu) {
        cpu.write64(data, 1);
        cpu.storeRelease64(flag, 1, RELEASE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"SC", "TSO"})
    void shouldFindTheRaceOfAReaderWhoDoesNotLookAtWhatItLoaded(MemoryModel model) {
        assertEquals(Result.Verdict.FAIL, verdict(model, this::publish, cpu -> {
            cpu.loadAcquire64(flag, ACQUIRE);
            cpu.read64(data);
        }));
        assertEquals(Result.Verdict.PASS, verdict(model, this::publish, cpu -> {
            if (cpu.loadAcquire64(flag, ACQUIRE) == 1) {
                cpu.read64(data);
            }
        }));
    }

    @ParameterizedTest
    @ValueSource(strings = {"SC", "TSO"})
    void shouldFindTheRaceWithALockThatOnlyOneSideTakesAgain(MemoryModel model) {
        assertEquals(
                Result.Verdict.FAIL,
                verdict(
                        model,
                        cpu -> {
                            SpinLock.lock(cpu, lock);
                            SpinLock.unlock(cpu, lock);
                            cpu.write64(data, 1);
                            cpu.writeOnce64(flag, 1);
                        },
                        cpu -> {
                            SpinLock.lock(cpu, lock);
                            cpu.read64(data);
                            SpinLock.unlock(cpu, lock);
                        }));
    }
}

package kemu.hw.race;

import static org.junit.jupiter.api.Assertions.assertEquals;

import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.explore.Bounded;
import kemu.hw.explore.Dpor;
import kemu.hw.explore.Explorer;
import kemu.hw.explore.Result;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.order.Barriers;
import kemu.hw.order.Order;
import kemu.kernel.context.Task;
import kemu.kernel.task.KernelCore;
import kemu.kernel.task.Sched;
import kemu.kernel.task.TaskBody;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a release has published goes on through atomics and ends at the next store, whoever makes it, on each model. */
class ReleaseSequenceTest {
    private static final int ACQUIRE = Barriers.acquire("test.RELEASE_SEQUENCE");
    private static final int RELEASE = Barriers.release("test.RELEASE_SEQUENCE");
    private static final int EXECUTIONS = 50_000;
    /** Where not all executions can be covered. */
    private static final int DEVIATIONS = 4;

    private long data;
    private long flag;

    private Result.Verdict verdict(MemoryModel model, TaskBody... bodies) {
        try (EmuMachine machine = KernelCore.bootEmulated(
                MachineConfig.of(2L << 20, bodies.length).withModel(model))) {
            Cpu boot = machine.bootCpu();
            data = machine.bootAllocator().allocate(boot, 128, 64, "words");
            flag = data + 64;
            machine.attach(machine.raceDetector(false, true));
            for (int i = 0; i < bodies.length; i++) {
                Sched.of(machine).spawn(boot, bodies[i], i, "t" + i, Task.PF_KTHREAD);
            }
            return new Explorer(machine, cpu -> {})
                    .explore(model.staleLoads() ? new Bounded(DEVIATIONS) : new Dpor(), EXECUTIONS, () -> 1)
                    .verdict();
        }
    }

    private void publish(Cpu cpu) {
        cpu.write64(data, 1);
        cpu.storeRelease64(flag, 1, RELEASE);
    }

    private TaskBody publishThen(TaskBody next) {
        return cpu -> {
            publish(cpu);
            next.run(cpu);
        };
    }

    /** Reads data if it sees {@code awaited}. */
    private TaskBody reader(long awaited) {
        return cpu -> {
            if (cpu.loadAcquire64(flag, ACQUIRE) == awaited) {
                cpu.read64(data);
            }
        };
    }

    private TaskBody afterOne(TaskBody next) {
        return cpu -> {
            if (cpu.loadAcquire64(flag, ACQUIRE) == 1) {
                next.run(cpu);
            }
        };
    }

    @ParameterizedTest
    @MethodSource("kemu.hw.cache.MemoryModel#builtIn")
    void shouldEndAtAStoreOfTheSameCpu(MemoryModel model) {
        assertEquals(Result.Verdict.FAIL, verdict(model, publishThen(cpu -> cpu.writeOnce64(flag, 2)), reader(2)));
    }

    @ParameterizedTest
    @MethodSource("kemu.hw.cache.MemoryModel#builtIn")
    void shouldOrderWhoeverSawItBeforeThat(MemoryModel model) {
        // On weak the load may get the value after the other is in memory.
        assertEquals(Result.Verdict.PASS, verdict(model, publishThen(cpu -> cpu.writeOnce64(flag, 2)), reader(1)));
    }

    @ParameterizedTest
    @MethodSource("kemu.hw.cache.MemoryModel#builtIn")
    void shouldBeginAnewAtTheNextRelease(MemoryModel model) {
        assertEquals(
                Result.Verdict.PASS,
                verdict(
                        model,
                        publishThen(cpu -> {
                            cpu.writeOnce64(flag, 2);
                            cpu.storeRelease64(flag, 3, RELEASE);
                        }),
                        reader(3)));
    }

    @ParameterizedTest
    @MethodSource("kemu.hw.cache.MemoryModel#builtIn")
    void shouldEndAtAStoreOfAnotherCpu(MemoryModel model) {
        assertEquals(
                Result.Verdict.FAIL,
                verdict(model, this::publish, afterOne(cpu -> cpu.writeOnce64(flag, 2)), reader(2)));
        assertEquals(
                Result.Verdict.PASS,
                verdict(model, this::publish, afterOne(cpu -> cpu.storeRelease64(flag, 2, RELEASE)), reader(2)));
    }

    @ParameterizedTest
    @MethodSource("kemu.hw.cache.MemoryModel#builtIn")
    void shouldGoOnThroughAtomics(MemoryModel model) {
        TaskBody add = cpu -> cpu.fetchAdd64(flag, 1, Order.RELAXED);
        assertEquals(Result.Verdict.PASS, verdict(model, publishThen(add), reader(2)));
        assertEquals(Result.Verdict.PASS, verdict(model, this::publish, add, reader(2)));
        assertEquals(Result.Verdict.FAIL, verdict(model, publishThen(cpu -> cpu.writeOnce64(flag, 2)), add, reader(3)));
    }
}

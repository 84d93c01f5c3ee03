package kemu.check;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.function.Consumer;
import kemu.check.scenario.Scene;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.explore.Dpor;
import kemu.hw.explore.Explorer;
import kemu.hw.explore.RandomWalk;
import kemu.hw.explore.Result;
import kemu.hw.explore.Scheduler;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.StructLayout;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.mem.KernelBug;
import kemu.kernel.task.KernelCore;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SceneTest {
    private static final long ENOUGH = 10_000;
    private static final StructLayout.Builder S = StructLayout.struct("scene_test");
    private static final I64Field X = S.i64("x");
    private static final I64Field Y = S.i64("y");
    private static final I64Field SEEN = S.i64("seen");
    private static final I64Field HEAD = S.i64("head");
    private static final StructLayout LAYOUT = S.build(64);

    /** A reader looks at x, then y; an updater sets x, waits in one of several ways, sets y. */
    private static Result explore(MemoryModel model, String wait, Scheduler search, long most) {
        try (EmuMachine machine =
                KernelCore.bootEmulated(new MachineConfig(2L << 20, 2, 1, false, "ticket", 16, model))) {
            long at = machine.bootAllocator().allocate(machine.bootCpu(), LAYOUT.sizeBytes(), 64, "scene_test");
            Kernel kernel = new Kernel(machine, KernelConfig.of(0).withBackground(false));
            Scene scene = new Scene(kernel);
            int callback = kernel.rcu().registerCallback("scene_test", (cpu, head) -> Y.writeOnce(cpu, at, 1));
            scene.task(0, "reader", cpu -> {
                kernel.rcu().readLock(cpu);
                boolean old = X.readOnce(cpu, at) == 0;
                boolean late = Y.readOnce(cpu, at) != 0;
                kernel.rcu().readUnlock(cpu);
                SEEN.set(cpu, at, old && late ? 1 : 0);
                if (wait.endsWith("quiescent")) {
                    scene.quiescent(cpu);
                }
            });
            scene.task(1, "updater", cpu -> {
                X.writeOnce(cpu, at, 1);
                switch (wait) {
                    case "synchronize", "synchronize-quiescent" -> kernel.rcu().synchronizeRcu(cpu);
                    case "call" -> {
                        kernel.rcu().callRcu(cpu, HEAD.of(at), callback);
                        scene.callbacks(cpu);
                    }
                    default -> {}
                }
                Y.writeOnce(cpu, at, 1);
            });
            scene.gracePeriods(1);
            Consumer<Cpu> end = cpu -> {
                if (SEEN.get(cpu, at) != 0) {
                    throw new KernelBug("a reader outlived a grace period");
                }
                if (!wait.equals("nothing") && kernel.rcu().gracePeriods(cpu) == 0) {
                    throw new KernelBug("no grace period ended");
                }
            };
            return new Explorer(machine, end).explore(search, most, () -> 1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "SC, nothing, FAIL",
        "SC, synchronize, PASS",
        "SC, synchronize-quiescent, PASS",
        "SC, call, PASS",
        "TSO, nothing, FAIL",
        "TSO, synchronize, PASS",
        "TSO, synchronize-quiescent, PASS",
        "TSO, call, PASS"
    })
    void shouldHoldUpTheUpdaterUntilReadersHaveEndedWhenCovered(
            MemoryModel model, String wait, Result.Verdict expected) {
        Result result = explore(model, wait, new Dpor(), ENOUGH);
        assertEquals(expected, result.verdict(), String.valueOf(result.failure()));
    }

    @ParameterizedTest
    @CsvSource({"WEAK, nothing, FAIL", "WEAK, synchronize, UNKNOWN", "WEAK, call, UNKNOWN"})
    void shouldHoldUpTheUpdaterUntilReadersHaveEndedAtRandom(MemoryModel model, String wait, Result.Verdict expected) {
        Result result = explore(model, wait, new RandomWalk(1), 2_000);
        assertEquals(expected, result.verdict(), String.valueOf(result.failure()));
    }
}

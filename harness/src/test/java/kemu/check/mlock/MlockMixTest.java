package kemu.check.mlock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.BiConsumer;
import kemu.check.Check;
import kemu.check.scenario.Subject;
import kemu.check.scenario.Violation;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.explore.Result;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.MachineConfig;
import kemu.kernel.task.KernelCore;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.page.VmStatItem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Threads that draw their calls: sound ways to mlock pass what is sampled. What is wrong with others takes windows of a
 * few instructions, which chance seldom hits: the scenarios of their own convict them.
 */
class MlockMixTest {
    private static final int FEW = 20;

    private static List<String> sound() {
        return new MlockMix().variants();
    }

    private static Result explore(MlockMix scene, String mlock, MemoryModel model, long most) {
        try (Check check = new Check(Subject.of(scene.name(), mlock, model), scene)) {
            return check.explore("random", 1, most, () -> 1);
        }
    }

    @ParameterizedTest
    @MethodSource("sound")
    void shouldFindNothingWrong(String mlock) {
        for (MemoryModel model : List.of(MemoryModel.SC, MemoryModel.TSO, MemoryModel.WEAK)) {
            Result result = explore(new MlockMix(), mlock, model, FEW);
            assertEquals(Result.Verdict.UNKNOWN, result.verdict(), () -> model + ": " + result.failure());
            // Other calls in each: hardly two executions end alike.
            assertTrue(result.states() > FEW / 2, () -> result.states() + " states");
        }
    }

    /** The violation that a scene shows at rest after {@code fault}. */
    private static String wrongAfter(String mlock, BiConsumer<Kernel, Cpu> fault) {
        try (EmuMachine machine = KernelCore.bootEmulated(MachineConfig.of(4L << 20, 1))) {
            Kernel kernel = new Kernel(machine, KernelConfig.of(64).withMlock(mlock));
            Cpu cpu = machine.bootCpu();
            MixedFile file = new MixedFile(kernel, cpu, 2);
            MixedRest rest = new MixedRest(kernel, cpu);
            kernel.mlock().mlockDrained(cpu, file.mm(0), MixedFile.at(MixedFile.ANONYMOUS_PART, 0), MixedFile.PAGE);
            rest.audit(cpu);
            file.agree(cpu);
            fault.accept(kernel, cpu);
            return assertThrows(Violation.class, () -> {
                        rest.audit(cpu);
                        rest.auditEmpty(cpu);
                    })
                    .getMessage();
        }
    }

    @Test
    void shouldSayWhatIsWrongAtRest() {
        String counted =
                wrongAfter("with-barrier", (kernel, cpu) -> kernel.vmStat().inc(cpu, VmStatItem.NR_MLOCK));
        assertEquals("BUG: with all threads at rest: nr_mlock is 2, 1 pages have PG_mlocked", counted);
        String freed = wrongAfter(
                "rmap-counted-locked", (kernel, cpu) -> kernel.vmStat().inc(cpu, VmStatItem.UNEVICTABLE_MLOCKFREED));
        assertEquals("BUG: 1 pages were freed with PG_mlocked", freed);
        String left = wrongAfter("last-unmap-pte-lock", (kernel, cpu) -> {});
        assertEquals("BUG: nr_mlock is 1 and nr_unevictable 1 though nobody is left", left);
    }

    @Test
    void shouldDrawTheSameFromTheSameSeed() {
        Result one = explore(new MlockMix(), "with-barrier", MemoryModel.WEAK, 10);
        Result other = explore(new MlockMix(), "with-barrier", MemoryModel.WEAK, 10);
        assertEquals(one.stateHash(), other.stateHash());
        assertEquals(one.steps(), other.steps());
    }
}

package kemu.check.mlock;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.MixScenario;
import kemu.check.scenario.Scene;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.mlock.kind.Mlockings;
import kemu.mm.strategy.Strategies;

/**
 * Two threads of one process and one of another map a file, lock, unlock, truncate, punch, write, copy, fork and
 * reclaim; what and where differs in each execution of a search that samples. At the end flags, lists and counters must
 * agree, before and after the processes exit, and all shared mappings must hold the same.
 */
final class MlockMix implements MlockScenario, MixScenario {
    private static final int PROCESSES = 2;
    /** The thread of grace periods runs on this CPU. */
    private static final int GRACE_PERIODS = 2;

    private static final int SWAP_PAGES = 64;

    private final List<String> variants;

    /** With every way to mlock that is not known to be bad. */
    MlockMix() {
        this(MlockScenario.withForeign(Strategies.sound(Mlockings.BUILT_IN)));
    }

    /** With {@code variants}. */
    MlockMix(List<String> variants) {
        this.variants = variants;
    }

    @Override
    public String name() {
        return "mlock-threads";
    }

    @Override
    public String description() {
        return "threads of two processes lock, truncate, copy, fork and reclaim, other calls in each execution";
    }

    @Override
    public List<String> variants() {
        return variants;
    }

    @Override
    public KernelConfig configure(String variant) {
        return KernelConfig.of(SWAP_PAGES).withMlock(variant);
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(0);
        MixedFile file = new MixedFile(kernel, boot, PROCESSES);
        for (int i = 0; i < THREADS; i++) {
            int thread = i;
            file.warm(scene.cpu(i), thread % PROCESSES);
            MixScenario.thread(scene, i, random -> new MixedLocks(file, thread % PROCESSES, thread, random)::next);
        }
        scene.gracePeriods(GRACE_PERIODS);
        MixedRest rest = new MixedRest(kernel, boot);
        return cpu -> {
            rest.audit(cpu);
            file.agree(cpu);
            file.exit(cpu);
            rest.auditEmpty(cpu);
        };
    }
}

package kemu.check.slab;

import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;

/**
 * The hang of 2.6.36-rc2 as a race about reuse: reclaim looks at a page of a child that exits, while others make their
 * first write faults, each of which takes an anon_vma.
 */
final class ReuseRace {
    private final Scene scene;
    private final long parent;
    private final long child;
    private final long next;
    private final long last;
    private final long childsAnonVma;

    /** Builds the scene and starts reclaim on CPU 0; the rest is for CPU 1. */
    ReuseRace(Kernel kernel) {
        scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        parent = scene.newWriter(boot);
        child = scene.forkWriter(boot, parent);
        next = scene.newReader(boot);
        last = scene.newReader(boot);
        childsAnonVma = scene.anonVma(boot, child);
        long page = scene.isolatedPage(boot, child);
        scene.reclaim(page);
    }

    Scene scene() {
        return scene;
    }

    /** The child exits, and the next process makes its first write. */
    void exitAndWrite(Cpu cpu) {
        scene.exit(cpu, child);
        scene.write(cpu, next);
    }

    /** A grace period later the last process makes its first write, and gets the child's anon_vma. */
    void writeAfterGracePeriod(Cpu cpu) {
        scene.callbacks(cpu);
        scene.write(cpu, last);
        if (scene.anonVma(cpu, last) != childsAnonVma) {
            throw new SceneBroken("the freed anon_vma was not reused");
        }
    }

    /** All exit, and take every lock once more: one that was left locked hangs. */
    void end(Cpu cpu) {
        scene.exit(cpu, next);
        scene.exit(cpu, last);
        scene.exit(cpu, parent);
    }
}

package kemu.check.rmap;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Subject;
import kemu.check.scenario.Violation;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.rules.AnonVmaRuleSets;

/**
 * What the lookup of 2.6.33 returns may be freed and be another's by now. That is harmless by design: the lock is the
 * anon_vma's own, and the walk checks every VMA it meets. It must leave the pte of the new owner, which it may meet, as
 * it is.
 */
final class StaleOk implements RmapScenario {
    @Override
    public String name() {
        return "rmap-stale-ok";
    }

    @Override
    public String description() {
        return "a walk over an anon_vma that has become another's meanwhile touches no pte of its";
    }

    @Override
    public List<String> variants() {
        return RmapScenario.withForeign(List.of("local-lock", "root-recheck"));
    }

    @Override
    public String lookup(String variant) {
        return variant;
    }

    @Override
    public KernelConfig configure(String variant) {
        return RmapScenario.kernel(variant, AnonVmaRuleSets.CURRENT);
    }

    @Override
    public Expectation whenKeptBack(Subject subject, Expectation usual) {
        return Expectation.needsReuse(subject, "the owner's anon_vma must be reused by the write after its exit");
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long owner = scene.newWriter(boot);
        long other = scene.newReader(boot);
        long anonVma = scene.anonVma(boot, owner);
        long page = scene.isolatedPage(boot, owner);
        scene.reclaim(page);
        RmapScenario.exitAndFault(scene, owner, other);
        return cpu -> {
            if (scene.anonVma(cpu, other) != anonVma) {
                throw new SceneBroken("the anon_vma was not reused");
            }
            if ((scene.pte(cpu, other) & Pte.ACCESSED) == 0) {
                throw new Violation(
                        FailureKind.RMAP_I5, "BUG: a walk from another's page has cleared a pte's accessed bit");
            }
            scene.exit(cpu, other);
        };
    }
}

package kemu.check.rmap;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Subject;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.rmap.rules.AnonVmaRuleSets;

/**
 * What some believed SLAB_DESTROY_BY_RCU to do: a freed anon_vma is reused, but only after a grace period, which waits
 * for the looker. So the lookup that hangs is sound. One fault comes before the grace period, which must find another
 * slot, and one after it, which gets that of the child.
 */
final class ObjectRcu implements RmapScenario {
    @Override
    public String name() {
        return "rmap-object-rcu";
    }

    @Override
    public String description() {
        return "the lookup of 2.6.36-rc2 against exit and reuse of a child's anon_vma, at once or after a grace period";
    }

    @Override
    public String source() {
        return "the thread of August 2010, Andrea Arcangeli's first answer";
    }

    @Override
    public boolean preemptible() {
        return false;
    }

    @Override
    public List<String> variants() {
        return List.of("object-rcu", "root-reread");
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
    public Expectation expected(Subject subject) {
        return subject.variant().equals("root-reread") ? Expectation.wrongUnlock(subject) : Expectation.HOLDS;
    }

    @Override
    public Expectation whenKeptBack(Subject subject, Expectation usual) {
        return Expectation.needsReuse(subject, "the child's anon_vma must be reused by the write after its exit");
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long parent = scene.newWriter(boot);
        long child = scene.forkWriter(boot, parent);
        long before = scene.newReader(boot);
        long after = scene.newReader(boot);
        long anonVma = scene.anonVma(boot, child);
        long page = scene.isolatedPage(boot, child);
        scene.reclaim(page);
        scene.task(1, "exit+faults", cpu -> {
            scene.exit(cpu, child);
            scene.write(cpu, before);
            scene.callbacks(cpu);
            scene.write(cpu, after);
        });
        scene.gracePeriods(1);
        return cpu -> {
            long reused = scene.anonVma(cpu, variant.equals("object-rcu") ? after : before);
            if (reused != anonVma) {
                throw new SceneBroken("the anon_vma was not reused");
            }
            scene.exit(cpu, before);
            scene.exit(cpu, after);
            scene.exit(cpu, parent);
        };
    }
}

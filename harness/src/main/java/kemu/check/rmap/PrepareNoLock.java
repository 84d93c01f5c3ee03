package kemu.check.rmap;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.rmap.rules.AnonVmaRuleSets;

/**
 * A new anon_vma is nobody else's, and yet must be locked before a VMA is linked to it: a looker of the slot's last
 * life may walk its list. The looker of 2.6.36 does not, since it tests again under the lock whether its page is
 * mapped: with it, a new anon_vma need not be locked.
 */
final class PrepareNoLock implements RmapScenario {
    @Override
    public String name() {
        return "rmap-prepare-nolock";
    }

    @Override
    public String description() {
        return "the walk over an anon_vma's list against exit, reuse and the link of its new owner's VMA (2.6.28)";
    }

    @Override
    public String source() {
        return "Linux d9d332e0874 (2.6.28) mm/rmap.c, anon_vma_prepare()";
    }

    @Override
    public List<Bug> bugs() {
        return List.of(new Bug(
                "a new anon_vma is linked without its lock, which lookups of its last life may hold",
                "2.6.9 to 2.6.27",
                "",
                "d9d332e0874 (2.6.28-rc1)",
                "not-locked"));
    }

    @Override
    public List<String> variants() {
        return List.of("locked", "not-locked", "not-locked-root-recheck");
    }

    @Override
    public KernelConfig configure(String variant) {
        return RmapScenario.kernel(
                variant.endsWith("root-recheck") ? "root-recheck" : "local-lock",
                variant.equals("locked") ? AnonVmaRuleSets.CURRENT : "new-not-locked");
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals("not-locked") ? Expectation.fails(FailureKind.DATA_RACE) : Expectation.HOLDS;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long owner = scene.newWriter(boot);
        long other = scene.newReader(boot);
        long page = scene.isolatedPage(boot, owner);
        scene.reclaim(page);
        RmapScenario.exitAndFault(scene, owner, other);
        return cpu -> scene.exit(cpu, other);
    }
}

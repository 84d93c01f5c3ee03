package kemu.check.ksm;

import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.ksm.rules.KsmRuleSets;
import kemu.mm.page.Page;

/**
 * A lookup of a child's page while the child exits, whose anon_vma ksmd has pinned: it lives on without a VMA, until
 * ksmd finds that the address space is gone and drops the pin; then it is somebody else's. So it is not the last unlink
 * that frees it, but drop_anon_vma, which no lookup knows of. A lookup must be right all the same, and none of the
 * locks that it takes may meet those of the drop the other way round (question K3).
 */
final class PinnedChild implements Scenario {
    @Override
    public String name() {
        return "rmap-ksm-pins";
    }

    @Override
    public String description() {
        return "page_lock_anon_vma while a child exits, and ksmd drops the last reference on its anon_vma";
    }

    @Override
    public String source() {
        return "Linux 76545066c852 (2.6.36-rc1) mm/rmap.c, drop_anon_vma(); the thread of August 2010";
    }

    @Override
    public KernelConfig configure(String variant) {
        return new KernelConfig(variant, 0).withKsm(KsmRuleSets.CURRENT);
    }

    @Override
    public Expectation expected(Subject subject) {
        return switch (subject.variant()) {
            case "root-reread" -> Expectation.wrongUnlock(subject);
            case "own-lock-first-naive" -> Expectation.fails(FailureKind.HANG);
            default -> Expectation.HOLDS;
        };
    }

    @Override
    public int deviations(MemoryModel model) {
        return KsmScenario.within(model);
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        KsmScene scene = new KsmScene(kernel);
        Cpu boot = scene.scene().cpu(1);
        long parent = scene.newMm(boot, 6, 5);
        long child = scene.scene().fork(boot, parent);
        scene.store(boot, child, 0, 7);
        scene.store(boot, child, 1, 4);
        kernel.lru().drain(boot);
        long other = scene.newMm(boot, 7);
        long next = scene.scene().newReader(boot);
        scene.merge(boot);
        scene.areOne(boot, scene.page(boot, child, 0), scene.page(boot, other, 0));
        long page = scene.page(boot, child, 1);
        Page.get(boot, page);
        scene.scene().reclaim(page);
        scene.scene().task(1, "exit+ksmd+fault", cpu -> {
            scene.scene().exit(cpu, child);
            // The address space that is gone comes first.
            kernel.ksm().scan(cpu, 1);
            scene.scene().write(cpu, next);
            scene.scene().exit(cpu, next);
        });
        return cpu -> {
            kernel.pages().putPage(cpu, page);
            scene.end(cpu, parent, other);
        };
    }
}

package kemu.check.ksm;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;
import kemu.mm.page.Page;

/**
 * Reclaim walks from a KSM page while one of those who share it exits, and somebody else gets its anon_vma. The walk
 * comes to anon_vmas by rmap_items, not by the page's mapping: what keeps them is not that the page is mapped, but the
 * reference that each item has, until ksmd finds that its address space is gone.
 */
final class MergeExit implements KsmScenario {
    @Override
    public String name() {
        return "rmap-ksm-exit";
    }

    @Override
    public String description() {
        return "a walk from a merged page while one of its owners exits: what keeps the anon_vma?";
    }

    @Override
    public String source() {
        return "Linux 2.6.36 mm/ksm.c, hold_anon_vma()";
    }

    @Override
    public List<String> variants() {
        return List.of("2.6.36", "anon-vma-not-held");
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals("anon-vma-not-held") ? Expectation.wrongUnlock(subject) : Expectation.HOLDS;
    }

    @Override
    public int deviations(MemoryModel model) {
        return KsmScenario.within(model);
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        KsmScene scene = new KsmScene(kernel);
        Cpu boot = scene.scene().cpu(1);
        long parent = scene.newMm(boot, 6);
        long one = scene.scene().fork(boot, parent);
        scene.store(boot, one, 0, 7);
        kernel.lru().drain(boot);
        long other = scene.newMm(boot, 7);
        long next = scene.scene().newReader(boot);
        scene.merge(boot);
        long page = scene.page(boot, one, 0);
        scene.areOne(boot, page, scene.page(boot, other, 0));
        Page.get(boot, page);
        scene.scene().task(0, "reclaim", cpu -> {
            kernel.pageLock().lock(cpu, page);
            scene.scene().pageReferenced(cpu, page);
            kernel.pageLock().unlock(cpu, page);
        });
        scene.scene().task(1, "exit+fault", cpu -> {
            scene.scene().exit(cpu, one);
            scene.scene().write(cpu, next);
        });
        return cpu -> {
            kernel.pages().putPage(cpu, page);
            scene.holds(cpu, other, 0, 7);
            scene.end(cpu, parent, other, next);
        };
    }
}

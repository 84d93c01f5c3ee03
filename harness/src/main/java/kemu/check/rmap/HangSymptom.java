package kemu.check.rmap;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.rmap.rules.AnonVmaRuleSets;

/**
 * Who hangs, and where, when the lookup of 2.6.36-rc2 unlocks another anon_vma's lock (question K1): as in
 * {@link HangChild} and {@link HangRoot}, but life goes on, on the CPU whose free list has the slot. The next process
 * gets the anon_vma anew, and then the family exits that holds the other lock. Hugh Dickins saw anon_vma_prepare spin
 * on the lock of a newly allocated anon_vma; a search that samples counts how many of the hangs look so.
 */
final class HangSymptom implements RmapScenario {
    private static final String CHILD = "child";
    private static final String ROOT = "root";
    private static final String FIXED = "-fixed";

    @Override
    public String name() {
        return "rmap-hang-symptom";
    }

    @Override
    public String description() {
        return "page_lock_anon_vma against exit and reuse of an anon_vma, and its next life: who hangs, on which lock?";
    }

    @Override
    public String source() {
        return "the thread of August 2010, Hugh Dickins' report; Linux 2.6.36-rc2 mm/rmap.c, page_lock_anon_vma()";
    }

    @Override
    public List<String> variants() {
        return List.of(CHILD + FIXED, CHILD, ROOT + FIXED, ROOT);
    }

    @Override
    public String lookup(String variant) {
        return variant.endsWith(FIXED) ? "root-recheck" : "root-reread";
    }

    @Override
    public KernelConfig configure(String variant) {
        return RmapScenario.kernel(lookup(variant), AnonVmaRuleSets.CURRENT);
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().endsWith(FIXED) ? Expectation.HOLDS : Expectation.wrongUnlock(subject);
    }

    /** So long that two deviations are too many where stores may come late and loads early. */
    @Override
    public int deviations(MemoryModel model) {
        return model.reordersStores() ? 1 : -1;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long family = scene.newWriter(boot);
        boolean child = variant.startsWith(CHILD);
        long owner = child ? scene.forkWriter(boot, family) : scene.newWriter(boot);
        long first = scene.newReader(boot);
        long next = scene.newReader(boot);
        long page = scene.isolatedPage(boot, owner);
        scene.reclaim(page);
        scene.task(1, "exit and reuse", cpu -> {
            scene.exit(cpu, owner);
            if (child) {
                scene.write(cpu, first);
            } else {
                scene.exit(cpu, scene.fork(cpu, family));
            }
            scene.write(cpu, next);
            scene.exit(cpu, next);
            scene.exit(cpu, first);
            scene.exit(cpu, family);
        });
        return cpu -> {};
    }
}

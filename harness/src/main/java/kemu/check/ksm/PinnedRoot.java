package kemu.check.ksm;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.OwnVariants;
import kemu.check.scenario.Subject;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.KernelAudit;
import kemu.mm.KernelConfig;
import kemu.mm.ksm.rules.KsmRuleSets;
import kemu.mm.page.Page;
import kemu.mm.rmap.rules.AnonVmaRuleSets;

/**
 * ksmd pins the anon_vma of a child, whose lock is in the root. Parent and child exit: the child's anon_vma stays, and
 * the walk from the merged page takes its lock. Without KSM it suffices that VMAs leave the root last; with pins, a
 * child must keep its root by a reference. No race is needed.
 */
final class PinnedRoot implements OwnVariants {
    private static final String NOT_PINNED = "root-not-pinned";

    @Override
    public String name() {
        return "rmap-ksm-root";
    }

    @Override
    public String description() {
        return "ksmd keeps a child's anon_vma after the whole family has exited: who keeps the root, with the lock?";
    }

    @Override
    public String source() {
        return "Linux 76545066c852 (2.6.36-rc1) mm/rmap.c: external references pin the root too";
    }

    @Override
    public int cpus() {
        return 1;
    }

    @Override
    public List<String> variants() {
        return List.of("root-pinned", NOT_PINNED);
    }

    @Override
    public KernelConfig configure(String variant) {
        return KernelConfig.of(0)
                .withKsm(KsmRuleSets.CURRENT)
                .withAnonVmaRules(variant.equals(NOT_PINNED) ? NOT_PINNED : AnonVmaRuleSets.CURRENT);
    }

    @Override
    public Map<KernelAudit.Section, String> notAudited(String variant) {
        return variant.equals(NOT_PINNED)
                ? Map.of(KernelAudit.Section.ANON_VMAS, "children hold no reference on their root: that is what varies")
                : Map.of();
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals(NOT_PINNED) ? Expectation.fails(FailureKind.RMAP_I8) : Expectation.HOLDS;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        KsmScene scene = new KsmScene(kernel);
        Cpu boot = scene.scene().cpu(0);
        long parent = scene.newMm(boot, 6);
        long child = scene.scene().fork(boot, parent);
        scene.store(boot, child, 0, 7);
        kernel.lru().drain(boot);
        long other = scene.newMm(boot, 7);
        scene.merge(boot);
        long page = scene.page(boot, child, 0);
        scene.areOne(boot, page, scene.page(boot, other, 0));
        Page.get(boot, page);
        scene.scene().task(0, "exit+reclaim", cpu -> {
            scene.scene().exit(cpu, parent);
            scene.scene().exit(cpu, child);
            kernel.pageLock().lock(cpu, page);
            scene.scene().pageReferenced(cpu, page);
            kernel.pageLock().unlock(cpu, page);
        });
        return cpu -> {
            kernel.pages().putPage(cpu, page);
            scene.end(cpu, other);
        };
    }
}

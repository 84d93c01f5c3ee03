package kemu.check.rmap;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.KernelAudit;
import kemu.mm.KernelConfig;
import kemu.mm.rmap.rules.AnonVmaRuleSets;

/**
 * The lock of every anon_vma lives in its root, so the root must go last. Two things see to that: a VMA leaves the root
 * last, and every child holds a reference on it. The reference alone suffices. The order alone suffices as long as
 * nobody pins a child (2.6.36 without KSM and migration). Without both the root can be freed before its child.
 */
final class RootOrder implements RmapScenario {
    @Override
    public String name() {
        return "rmap-root-order";
    }

    @Override
    public String description() {
        return "page_lock_anon_vma against the exit of a child whose parent is gone: which anon_vma is freed last";
    }

    @Override
    public List<String> variants() {
        return List.of(
                "newest-first",
                "oldest-first",
                "newest-first-not-pinned",
                "oldest-first-not-pinned",
                "newest-first-not-pinned-refcount");
    }

    @Override
    public KernelConfig configure(String variant) {
        return switch (variant) {
            case "newest-first" -> RmapScenario.kernel("root-recheck", AnonVmaRuleSets.CURRENT);
            case "oldest-first" -> RmapScenario.kernel("root-recheck", "oldest-first");
            case "newest-first-not-pinned" -> RmapScenario.kernel("root-recheck", "root-not-pinned");
            case "oldest-first-not-pinned" -> RmapScenario.kernel("root-recheck", "oldest-first-not-pinned");
            default -> RmapScenario.kernel("refcount", "root-not-pinned");
        };
    }

    @Override
    public Map<KernelAudit.Section, String> notAudited(String variant) {
        return variant.contains("not-pinned")
                ? Map.of(KernelAudit.Section.ANON_VMAS, "children hold no reference on their root: that is what varies")
                : Map.of();
    }

    @Override
    public Expectation expected(Subject subject) {
        return switch (subject.variant()) {
            case "oldest-first-not-pinned", "newest-first-not-pinned-refcount" ->
                Expectation.fails(FailureKind.RMAP_I8);
            default -> Expectation.HOLDS;
        };
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        return buildOrphan(kernel, scene);
    }

    /** Reclaim looks at a page of a child, whose parent is gone, while the child exits and its slots are reused. */
    static Consumer<Cpu> buildOrphan(Kernel kernel, Scene scene) {
        Cpu boot = scene.cpu(1);
        long parent = scene.newWriter(boot);
        long child = scene.forkWriter(boot, parent);
        scene.exit(boot, parent);
        long page = scene.isolatedPage(boot, child);
        Looker.task(kernel, scene, page);
        scene.task(1, "exit", cpu -> scene.exit(cpu, child));
        // The scene holds nothing but its reference on the page.
        return cpu -> {};
    }
}

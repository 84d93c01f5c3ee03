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
 * Whether the root is the last entry of a chain is up to fork: it must copy the chain so that its order is kept. Copied
 * from the front, each entry put at the front, the chain of a grandchild ends with its parent's anon_vma. When the
 * family exits, the grandchild last, the root goes before an anon_vma whose lock it holds, unless that has a reference
 * on it. No race is needed.
 */
final class CloneOrder implements RmapScenario {
    private static final String NOT_PINNED = "-not-pinned";

    @Override
    public String name() {
        return "rmap-clone-order";
    }

    @Override
    public String description() {
        return "a grandchild of fork exits last: which of the anon_vmas of its chain is the last to go?";
    }

    @Override
    public String source() {
        return "Linux 646d87b481da (2.6.34) mm/rmap.c, anon_vma_clone(); the patch of 12 May 2010, Rik van Riel";
    }

    @Override
    public int cpus() {
        return 1;
    }

    @Override
    public List<String> variants() {
        return List.of(
                "from-the-oldest", "from-the-oldest" + NOT_PINNED, "from-the-newest", "from-the-newest" + NOT_PINNED);
    }

    @Override
    public KernelConfig configure(String variant) {
        String rules = switch (variant) {
            case "from-the-oldest" + NOT_PINNED -> "root-not-pinned";
            case "from-the-newest" -> "cloned-from-newest";
            case "from-the-newest" + NOT_PINNED -> "cloned-from-newest-not-pinned";
            default -> AnonVmaRuleSets.CURRENT;
        };
        return RmapScenario.kernel("root-recheck", rules);
    }

    @Override
    public Map<KernelAudit.Section, String> notAudited(String variant) {
        return variant.equals("from-the-oldest")
                ? Map.of()
                : Map.of(
                        KernelAudit.Section.ANON_VMAS,
                        "the order of chains, or the reference on the root, is what varies");
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals("from-the-newest" + NOT_PINNED)
                ? Expectation.fails(FailureKind.RMAP_I8)
                : Expectation.HOLDS;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(0);
        long parent = scene.newWriter(boot);
        long child = scene.forkWriter(boot, parent);
        long grandchild = scene.forkWriter(boot, child);
        scene.task(0, "exits", cpu -> {
            scene.exit(cpu, parent);
            scene.exit(cpu, child);
            scene.exit(cpu, grandchild);
        });
        return cpu -> {};
    }
}

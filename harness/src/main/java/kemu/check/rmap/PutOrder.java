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
 * The last put of a child, by a looker that pinned it, is also the last of its root. Freeing the child looks whether
 * the root is locked, so the root must still be there.
 */
final class PutOrder implements RmapScenario {
    @Override
    public String name() {
        return "rmap-put-order";
    }

    @Override
    public String description() {
        return "a looker's pin outlives the exit of a child whose parent is gone: its put frees child and root (3.16)";
    }

    @Override
    public String source() {
        return "Linux 624483f3ea82 (3.16) mm/rmap.c, __put_anon_vma()";
    }

    @Override
    public List<Bug> bugs() {
        return List.of(new Bug(
                "the root of an anon_vma is freed before the anon_vma, which looks at its lock",
                "3.0 to 3.14",
                "88c22088bf23",
                "624483f3ea82 (June 2014)",
                "root-first"));
    }

    @Override
    public List<String> variants() {
        return List.of("child-first", "root-first");
    }

    @Override
    public KernelConfig configure(String variant) {
        return RmapScenario.kernel(
                "root-rwsem", variant.equals("child-first") ? AnonVmaRuleSets.CURRENT : "root-freed-first");
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals("root-first") ? Expectation.fails(FailureKind.RMAP_I8) : Expectation.HOLDS;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        return RootOrder.buildOrphan(kernel, new Scene(kernel));
    }
}

package kemu.check.ksm;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Subject;
import kemu.check.scenario.Violation;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;

/**
 * A merged page is swapped out and freed, and comes back as an ordinary one, for whoever faults first. The others have
 * the same swap entry and find it in the swap cache: who has nothing to do with it must get a copy (another tree of
 * anon_vmas, another number in it), and parent and child must not, who shared it before. No race is needed.
 *
 * <p>Andrea Arcangeli, 26 August 2010: once children have anon_vmas of their own, comparing anon_vmas gives false
 * positives; "page->mapping->root != anon_vma->root" does not.
 */
final class CopyTest implements KsmScenario {
    @Override
    public String name() {
        return "rmap-ksm-copy";
    }

    @Override
    public String description() {
        return "a page comes back from swap for several who have its entry: who must get a copy, and who must not?";
    }

    @Override
    public String source() {
        return "Linux 2.6.36 include/linux/ksm.h, ksm_might_need_to_copy(); the thread of August 2010";
    }

    @Override
    public List<Bug> bugs() {
        return List.of(new Bug(
                "what parent and child share is copied at swap-in: their anon_vmas are compared, not their roots",
                "2.6.34 and 2.6.35",
                "5beb49305251",
                "2.6.36",
                "copy-by-anon-vma"));
    }

    @Override
    public int cpus() {
        return 1;
    }

    @Override
    public List<String> variants() {
        return List.of("2.6.36", "copy-by-anon-vma", "copy-not-by-index", "never-copies");
    }

    @Override
    public Expectation expected(Subject subject) {
        return switch (subject.variant()) {
            case "copy-by-anon-vma" -> Expectation.fails(FailureKind.NEEDLESS_COPY);
            case "copy-not-by-index" -> Expectation.fails(FailureKind.RMAP_USAGE);
            case "never-copies" -> Expectation.fails(FailureKind.RMAP_I3);
            default -> Expectation.HOLDS;
        };
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        KsmScene scene = new KsmScene(kernel);
        scene.scene().task(0, "swap", cpu -> {
            strangers(scene, cpu);
            twoAddresses(scene, cpu);
            family(scene, cpu);
        });
        return cpu -> {};
    }

    private static void strangers(KsmScene scene, Cpu cpu) {
        long one = scene.newMm(cpu, 7);
        long other = scene.newMm(cpu, 7);
        scene.merge(cpu);
        scene.areOne(cpu, scene.page(cpu, one, 0), scene.page(cpu, other, 0));
        scene.swapOut(cpu, scene.page(cpu, one, 0));
        scene.holds(cpu, one, 0, 7);
        scene.holds(cpu, other, 0, 7);
        scene.end(cpu, one, other);
    }

    private static void twoAddresses(KsmScene scene, Cpu cpu) {
        long mm = scene.newMm(cpu, 7, 7);
        scene.merge(cpu);
        scene.areOne(cpu, scene.page(cpu, mm, 0), scene.page(cpu, mm, 1));
        scene.swapOut(cpu, scene.page(cpu, mm, 0));
        scene.holds(cpu, mm, 0, 7);
        scene.holds(cpu, mm, 1, 7);
        scene.end(cpu, mm);
    }

    private static void family(KsmScene scene, Cpu cpu) {
        long parent = scene.newMm(cpu, 7);
        long child = scene.scene().fork(cpu, parent);
        long shared = scene.page(cpu, parent, 0);
        if (shared != scene.page(cpu, child, 0)) {
            throw new SceneBroken("parent and child do not share the page");
        }
        scene.swapOut(cpu, shared);
        scene.holds(cpu, parent, 0, 7);
        scene.holds(cpu, child, 0, 7);
        if (scene.page(cpu, parent, 0) != scene.page(cpu, child, 0)) {
            throw new Violation(
                    FailureKind.NEEDLESS_COPY, "BUG: the page that parent and child share was copied at swap-in");
        }
        scene.end(cpu, parent, child);
    }
}

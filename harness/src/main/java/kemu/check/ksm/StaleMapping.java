package kemu.check.ksm;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Subject;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;

/**
 * A page that came back from swap for one process stays in the swap cache when that exits, for another has its entry
 * since they were merged. Its mapping names an anon_vma that is gone. The other forks, and the child's anon_vma gets
 * the slot: now the stale mapping leads to an anon_vma of the right root, the number is right as well, and the copy
 * test takes the page for one of the family. The other maps a page whose anon_vma is its child's: walks from it do not
 * come to the other, and when the child exits the page is mapped and its anon_vma free, which every lookup relies on
 * not to be.
 *
 * <p>Without merging that cannot be: all that have the entry descend from whom the mapping names, so that its anon_vma
 * outlives them (I2). 2.6.36 keeps the mapping of a page that is anonymous already; before, whoever mapped the page
 * first set it anew, and that is enough ({@code sets-mapping-anew}): the page lock keeps others from mapping it
 * meanwhile. We know of no report of this; it is found with kemu's copy of the code. No race is needed.
 */
final class StaleMapping implements KsmScenario {
    @Override
    public String name() {
        return "rmap-ksm-stale";
    }

    @Override
    public String description() {
        return "a cached page outlives the process that read it in; another one with its entry forks, and maps it";
    }

    @Override
    public String source() {
        return "Linux 2.6.36 include/linux/ksm.h, ksm_might_need_to_copy(); mm/rmap.c, __page_set_anon_rmap()";
    }

    @Override
    public int cpus() {
        return 1;
    }

    @Override
    public List<String> variants() {
        return List.of("sets-mapping-anew", "2.6.36");
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals("2.6.36") ? Expectation.fails(FailureKind.RMAP_I3) : Expectation.HOLDS;
    }

    @Override
    public Expectation whenKeptBack(Subject subject, Expectation usual) {
        return subject.variant().equals("2.6.36")
                ? Expectation.needsReuse(subject, "the child must get the anon_vma that was freed")
                : usual;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        KsmScene scene = new KsmScene(kernel);
        scene.scene().task(0, "swap", cpu -> {
            long other = scene.newMm(cpu, 7);
            long one = scene.newMm(cpu, 7);
            scene.merge(cpu);
            scene.areOne(cpu, scene.page(cpu, one, 0), scene.page(cpu, other, 0));
            scene.swapOut(cpu, scene.page(cpu, one, 0));
            scene.holds(cpu, one, 0, 7);
            // ksmd finds that the page it knew is gone, and later that the address space is.
            scene.round(cpu);
            scene.scene().exit(cpu, one);
            scene.round(cpu);
            long child = scene.scene().fork(cpu, other);
            scene.holds(cpu, other, 0, 7);
            scene.holds(cpu, child, 0, 7);
            scene.end(cpu, child, other);
            kernel.swap().dropUnused(cpu);
        });
        return cpu -> kernel.ksm().settle(cpu);
    }
}

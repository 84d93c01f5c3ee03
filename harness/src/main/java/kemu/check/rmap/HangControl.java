package kemu.check.rmap;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Subject;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.rmap.rules.AnonVmaRuleSets;

/**
 * The control of the hang's fix: a looker that finds its page unmapped under the lock must release the root that it has
 * locked. The root read again is that of the slot's next life.
 */
final class HangControl implements RmapScenario {
    @Override
    public String name() {
        return "rmap-hang-ctl";
    }

    @Override
    public String description() {
        return "the lookup of 2.6.36-rc3, its root read once or twice, against exit and reuse of a child's anon_vma";
    }

    @Override
    public String source() {
        return "Linux f18194275c39 (2.6.36-rc3) mm/rmap.c, page_lock_anon_vma(): root is read by ACCESS_ONCE";
    }

    @Override
    public List<String> variants() {
        return List.of("read-once", "read-twice");
    }

    @Override
    public KernelConfig configure(String variant) {
        return RmapScenario.kernel(
                variant.equals("read-once") ? "root-recheck" : "root-read-twice", AnonVmaRuleSets.CURRENT);
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals("read-twice") ? Expectation.wrongUnlock(subject) : Expectation.HOLDS;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        return HangChild.race(kernel, "exit+fault");
    }
}

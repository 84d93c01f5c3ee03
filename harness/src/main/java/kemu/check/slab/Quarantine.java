package kemu.check.slab;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;

/**
 * What a debug mode that delays reuse does to a bug of reuse: it hides it. The lookup is wrong in both variants; that
 * nothing fails in the second is a loss of coverage, and reported as one.
 */
final class Quarantine implements ReuseVariants {
    @Override
    public String name() {
        return "slab-quarantine";
    }

    @Override
    public String description() {
        return "the lookup that hung 2.6.36-rc2 where freed objects are reused at once, or kept back for a while";
    }

    @Override
    public List<String> variants() {
        return List.of("fast", "delayed");
    }

    @Override
    public Expectation whenNotFast() {
        return Expectation.hides("the lookup is wrong: late reuse hides the hang");
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        ReuseRace race = new ReuseRace(kernel);
        race.scene().task(1, "exit+reuse", race::exitAndWrite);
        return race::end;
    }
}

package kemu.check.slab;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;

/**
 * What SLAB_DESTROY_BY_RCU is often taken for: every object waits for a grace period before it is reused. Then even the
 * lookup of 2.6.36-rc2, which finds its lock by an object that may have been freed, is right; the price is memory and
 * cold caches.
 */
final class ObjRcu implements ReuseVariants {
    @Override
    public String name() {
        return "slab-objrcu";
    }

    @Override
    public String description() {
        return "the lookup that hung 2.6.36-rc2 where objects are reused after a grace period, or at once";
    }

    @Override
    public List<String> variants() {
        return List.of("object-rcu", "fast");
    }

    @Override
    public Expectation whenNotFast() {
        return Expectation.HOLDS;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        ReuseRace race = new ReuseRace(kernel);
        boolean waits = variant.equals("object-rcu");
        race.scene().task(1, "exit+reuse", cpu -> {
            race.exitAndWrite(cpu);
            if (waits) {
                race.writeAfterGracePeriod(cpu);
            }
        });
        race.scene().gracePeriods(1);
        return race::end;
    }
}

package kemu.check.slab;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.slab.SlabAllocator;

/**
 * The one thing that SLAB_DESTROY_BY_RCU defers: the last object of a slab is freed, and the slab's page may become
 * memory of another type while a reader still looks at it.
 */
final class PageRecycle implements SlabScenario {
    @Override
    public String name() {
        return "slab-page-recycle";
    }

    @Override
    public String description() {
        return "an RCU reader of an object against its page going to a slab of another type";
    }

    @Override
    public List<String> variants() {
        return List.of("typesafe", "no-typesafe");
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals("no-typesafe")
                ? Expectation.fails(FailureKind.TYPE_CONFUSION)
                        .withSigns(FailureKind.DATA_RACE, FailureKind.USE_AFTER_FREE)
                : Expectation.HOLDS;
    }

    @Override
    public Expectation whenKeptBack(Subject subject, Expectation usual) {
        return subject.slabReuse().equals("delayed")
                ? Expectation.needsReuse(subject, "the object's page must go to a slab of another type in it")
                : SlabScenario.super.whenKeptBack(subject, usual);
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        ConnTable conns =
                new ConnTable(kernel, boot, variant.equals("typesafe") ? SlabAllocator.SLAB_DESTROY_BY_RCU : 0);
        conns.addAlone(boot, ConnTable.A);
        scene.task(0, "lookup", conns.lookup(ConnTable.A, conns::checkType));
        scene.task(1, "remove+recycle", cpu -> {
            conns.remove(cpu, ConnTable.A);
            if (variant.equals("typesafe")) {
                scene.callbacks(cpu);
            }
            conns.allocForeign(cpu);
        });
        scene.gracePeriods(1);
        return conns::checkRecycled;
    }
}

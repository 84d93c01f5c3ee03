package kemu.check.slab;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.hw.cpu.Cpu;
import kemu.hw.explore.Result.Verdict;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.slab.SlabAllocator;

/**
 * Type stability is for RCU readers. A tick that interrupts a task that is no reader reports a quiescent state, and
 * lets the grace period end that kept the page.
 */
final class NoRcuReader implements SlabScenario {
    @Override
    public String name() {
        return "slab-norcu-reader";
    }

    @Override
    public String description() {
        return "a lookup inside or outside rcu_read_lock, struck by a tick, against a grace period and its page";
    }

    @Override
    public List<String> variants() {
        return List.of("in-reader", "outside");
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals("outside")
                ? Expectation.fails(FailureKind.TYPE_CONFUSION)
                        .withSigns(FailureKind.DATA_RACE, FailureKind.USE_AFTER_FREE)
                : Expectation.HOLDS;
    }

    @Override
    public Expectation whenKeptBack(Subject subject, Expectation usual) {
        if (subject.slabReuse().equals("delayed")) {
            return Expectation.needsReuse(subject, "the object's page must go to a slab of another type in it");
        }
        // The object waits for one grace period and its page for another. One tick in the lookup ends the first of them
        // only: the page keeps its type, but the object that the lookup then reads is free.
        return usual.verdict() == Verdict.FAIL
                ? Expectation.fails(FailureKind.USE_AFTER_FREE, FailureKind.DATA_RACE)
                : usual;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        ConnTable conns = new ConnTable(kernel, boot, SlabAllocator.SLAB_DESTROY_BY_RCU);
        conns.addAlone(boot, ConnTable.A);
        boolean reader = variant.equals("in-reader");
        scene.task(0, "lookup", cpu -> {
            if (reader) {
                kernel.rcu().readLock(cpu);
            }
            long conn = reader ? conns.find(cpu, ConnTable.A) : conns.findUnprotected(cpu, ConnTable.A);
            scene.tick(cpu);
            if (conn != Cpu.NULL) {
                conns.checkType(cpu, conn);
            }
            if (reader) {
                kernel.rcu().readUnlock(cpu);
            }
        });
        scene.task(1, "remove+recycle", cpu -> {
            conns.remove(cpu, ConnTable.A);
            scene.callbacks(cpu);
            conns.allocForeign(cpu);
        });
        scene.gracePeriods(1);
        return conns::checkRecycled;
    }
}

package kemu.check.slab;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.check.scenario.Violation;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.slab.SlabAllocator;

/**
 * A cache is destroyed while slabs of it wait for a grace period. Their callbacks read the cache: its owner must wait
 * for the callbacks, and a grace period that is over does not mean that they have run.
 */
final class Destroy implements SlabScenario {
    @Override
    public String name() {
        return "slab-destroy";
    }

    @Override
    public String description() {
        return "kmem_cache_destroy of a type-stable cache: what does it wait for before the cache goes?";
    }

    @Override
    public String source() {
        return "Linux 7ed9f7e5db5 (June 2009), kmem_cache_destroy()";
    }

    @Override
    public List<Bug> bugs() {
        return List.of(new Bug(
                "a slab cache is gone while callbacks that free its pages are still to come",
                "until 2.6.30",
                "",
                "7ed9f7e5db5 (June 2009)",
                "synchronize-rcu"));
    }

    @Override
    public List<String> variants() {
        return List.of("rcu-barrier", "synchronize-rcu", "nothing");
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals("rcu-barrier")
                ? Expectation.HOLDS
                : Expectation.fails(FailureKind.USE_AFTER_FREE);
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        ConnTable conns = new ConnTable(kernel, boot, SlabAllocator.SLAB_DESTROY_BY_RCU);
        conns.addAlone(boot, ConnTable.A);
        long over = scene.word(boot);
        long pages = conns.cache().slabPages(boot);
        long before = kernel.pages().freePageCount(boot);
        SlabAllocator slabs = kernel.slabs();
        scene.task(1, "destroy", cpu -> {
            conns.remove(cpu, ConnTable.A);
            switch (variant) {
                case "rcu-barrier" -> slabs.destroy(cpu, conns.cache());
                case "synchronize-rcu" -> {
                    // Known bad: a grace period is over before the callbacks that wait for it have run.
                    slabs.close(cpu, conns.cache());
                    kernel.rcu().synchronizeRcu(cpu);
                    slabs.release(cpu, conns.cache());
                }
                default -> {
                    // Known bad: nothing waits for the callbacks.
                    slabs.close(cpu, conns.cache());
                    slabs.release(cpu, conns.cache());
                }
            }
            cpu.writeOnce64(over, 1);
        });
        scene.task(1, "softirq", cpu -> {
            // A tick finds every callback, those that destroy queues later as well. Where each object waits for a
            // grace period, its slab waits for a second one: destroy calls rcu_barrier twice, and callbacks that ran
            // only once left the second call waiting for ever. The loop ends: destroy goes on while this task sleeps.
            while (cpu.readOnce64(over) == 0 || scene.callbacksLeft(cpu)) {
                scene.callbacks(cpu);
                // Callbacks may be late: a task that waits for a grace period only goes on before the next ones run.
                kernel.rcu().synchronizeRcu(cpu);
                kernel.rcu().synchronizeRcu(cpu);
            }
        });
        scene.task(0, "lookup", conns.lookup(ConnTable.A, conns::checkType));
        scene.gracePeriods(1);
        return cpu -> {
            long freed = kernel.pages().freePageCount(cpu) - before;
            if (freed != pages) {
                throw new Violation(FailureKind.LEAK, "BUG: " + freed + " of " + pages + " slab pages came back");
            }
        };
    }
}

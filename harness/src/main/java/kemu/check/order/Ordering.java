package kemu.check.order;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.OwnVariants;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.Scene;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;

/**
 * A scenario about the order of accesses, not about a strategy.
 *
 * @param name on the command line
 * @param description one line
 * @param cpus of the machine
 * @param swapPages pages of the swap area, 0 for none
 * @param rcu flavour of RCU
 * @param body builds the race
 * @param onSc deviations within which a matrix covers it on sc, -1 for all
 * @param onTso the same on tso
 * @param coverable see {@link Scenario#coverable}
 */
record Ordering(
        String name,
        String description,
        int cpus,
        int swapPages,
        String rcu,
        Body body,
        int onSc,
        int onTso,
        boolean coverable)
        implements OwnVariants {
    Ordering(String name, String description, int cpus, Body body) {
        this(name, description, cpus, 0, "sched", body);
    }

    /** A scenario all of whose interleavings can be covered. */
    Ordering(String name, String description, int cpus, int swapPages, String rcu, Body body) {
        this(name, description, cpus, swapPages, rcu, body, -1, -1, true);
    }

    /** Builds the race; as {@link Scenario#build}. */
    @FunctionalInterface
    interface Body {
        Consumer<Cpu> build(Kernel kernel, Scene scene);
    }

    /** The same for a scenario with too many interleavings: a matrix covers it within so many deviations, by model. */
    Ordering within(int sc, int tso) {
        return new Ordering(name, description, cpus, swapPages, rcu, body, sc, tso, true);
    }

    /** The same for a scenario whose tasks poll in place of ticks, so that no exhaustive search comes to an end. */
    Ordering polling() {
        return new Ordering(name, description, cpus, swapPages, rcu, body, -1, -1, false);
    }

    @Override
    public int deviations(MemoryModel model) {
        return !model.buffers() ? onSc : model.coverable() ? onTso : -1;
    }

    @Override
    public List<String> variants() {
        return List.of("kernel");
    }

    @Override
    public KernelConfig configure(String variant) {
        return KernelConfig.of(swapPages).withRcu(rcu);
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        return body.build(kernel, new Scene(kernel));
    }
}

package kemu.check.order;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.Scenario;
import kemu.check.Scene;
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
 */
record Ordering(String name, String description, int cpus, int swapPages, String rcu, Body body) implements Scenario {
    Ordering(String name, String description, int cpus, Body body) {
        this(name, description, cpus, 0, "sched", body);
    }

    /** Builds the race; as {@link Scenario#build}. */
    @FunctionalInterface
    interface Body {
        Consumer<Cpu> build(Kernel kernel, Scene scene);
    }

    @Override
    public boolean byAnonVma() {
        return false;
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

package kemu.check.order;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.Scenario;
import kemu.check.Scene;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;

/** A scenario about the order of accesses, not about a strategy. */
record Ordering(String name, String description, int cpus, Body body) implements Scenario {
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
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        return body.build(kernel, new Scene(kernel));
    }
}

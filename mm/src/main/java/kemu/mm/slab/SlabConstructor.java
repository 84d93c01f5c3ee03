package kemu.mm.slab;

import kemu.hw.cpu.Cpu;

/** Initialises an object once, when its slab page is created; not again when the object is reused. */
@FunctionalInterface
public interface SlabConstructor {
    /** Constructs the object at {@code object}. */
    void construct(Cpu cpu, long object);
}

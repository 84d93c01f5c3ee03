package kemu.hw.cache.model;

/**
 * What the CPUs of one memory model may do to the order of accesses. What a model does not say is as on a sequentially
 * consistent machine; the buffers of a CPU ask once, when they are made.
 */
public abstract class Reordering {
    /** For subclasses. */
    protected Reordering() {}

    /** What the model is, in half a line. */
    public abstract String description();

    /** True if a store becomes visible to others later than to its own CPU. */
    public boolean buffers() {
        return false;
    }

    /** Drain order: true if stores of one CPU to different words may become visible in another order. */
    public boolean reordersStores() {
        return false;
    }

    /** Stale loads: true if a load may return an old value after a later store was seen. */
    public boolean staleLoads() {
        return false;
    }

    /** Dependency: true if a load through a loaded address is ordered after the load of the address. */
    public boolean dependencies() {
        return true;
    }

    /** True if every atomic is a full fence, whatever its order, and whether it stores or not. */
    public boolean atomicsAreFences() {
        return true;
    }
}

package kemu.hw.cache.model;

/**
 * A memory model: what its CPUs may do to the order of accesses. The built-in models are {@link Sc}, {@link Tso},
 * {@link Weak} and {@link Alpha}; those of other authors are found in jars with {@link java.util.ServiceLoader}, by
 * name. What a model does not say is as on a sequentially consistent machine whose fences work.
 *
 * <p>A CPU has a store buffer, if stores do not become visible at once, and a queue of words of which it still sees an
 * old value, if loads may be stale. A store becomes visible to all other CPUs at the same moment (memory is multi-copy
 * atomic), and never before earlier loads of its CPU: a model says how much later, in what order, and what a fence does
 * about it. It is asked once, when a machine is built, and must always answer the same.
 *
 * <p>A model that reorders stores or returns old values is explored within a number of deviations; of any other, every
 * interleaving can be covered. {@code kemu.junit.MemoryModelContract} is the test of authors.
 */
public abstract class MemoryModelProvider {
    /** Most entries of a store buffer, and of a queue of old values. */
    public static final int MOST_ENTRIES = 16;

    /** For subclasses. */
    protected MemoryModelProvider() {}

    /** The name used on the command line: small letters, digits, and dashes between them. */
    public abstract String name();

    /** What the model is, in half a line. */
    public abstract String description();

    /** In what order stores become visible. */
    public StoreOrder stores() {
        return StoreOrder.AT_ONCE;
    }

    /** Entries of the store buffer, 1 to {@link #MOST_ENTRIES}; a store into a full one drains the oldest first. */
    public int storeEntries() {
        return MOST_ENTRIES;
    }

    /** True if a store replaces a buffered one to its words, if no fence is between them; of {@code PER_WORD} only. */
    public boolean coalesces() {
        return false;
    }

    /** Stale loads: true if a load may return an old value after a later store was seen. Needs a store buffer. */
    public boolean staleLoads() {
        return false;
    }

    /** Words of which a CPU may see an old value at a time, 1 to {@link #MOST_ENTRIES}. */
    public int staleEntries() {
        return MOST_ENTRIES;
    }

    /** Dependency: true if a load through a loaded address is ordered after the load of the address. */
    public boolean dependencies() {
        return true;
    }

    /** True if every atomic is a full fence, whatever its order, and whether it stores or not. */
    public boolean atomicsAreFences() {
        return true;
    }

    /** What smp_mb does, and an atomic that is fully ordered. */
    public Fence fullFence() {
        return Fence.FULL;
    }

    /** What smp_rmb does. */
    public Fence readFence() {
        return Fence.LOADS;
    }

    /** What smp_wmb does. */
    public Fence writeFence() {
        return Fence.STORES;
    }

    /** What an acquire does after its load; it cannot drain stores. */
    public Fence afterAcquire() {
        return Fence.LOADS;
    }

    /**
     * What a release does before its store. The store itself waits in the buffer for all older ones whatever this says:
     * a model for which it is {@code NOTHING} lets younger stores overtake it, and one for which it is {@code FULL} is
     * a machine on which a release is a full fence and a store.
     */
    public Fence beforeRelease() {
        return Fence.NOTHING;
    }
}

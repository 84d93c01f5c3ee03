package kemu.hw.cache.model;

/**
 * What a fence does to the store buffer and to the queue of old values of its CPU.
 *
 * @param stores to what is in the store buffer
 * @param delivers whether every old value goes away, so that later loads see memory as it is now or later
 */
public record Fence(Stores stores, boolean delivers) {
    /** Orders nothing: the hardware keeps that order anyway. */
    public static final Fence NOTHING = new Fence(Stores.STAY, false);
    /** Loads before it come before loads after it: smp_rmb, and what follows an acquire. */
    public static final Fence LOADS = new Fence(Stores.STAY, true);
    /** Stores before it come before stores after it: smp_wmb. */
    public static final Fence STORES = new Fence(Stores.ORDERED, false);
    /** Both, but a load may still overtake a store: POWER's lwsync. */
    public static final Fence LIGHT = new Fence(Stores.ORDERED, true);
    /** Stores before it are visible before anything after it: smp_mb. */
    public static final Fence FULL = new Fence(Stores.DRAINED, true);

    /** What becomes of buffered stores. */
    public enum Stores {
        /** Nothing. */
        STAY,
        /** They will be visible before any later store is. */
        ORDERED,
        /** They are visible before the CPU goes on. */
        DRAINED
    }

    /** True if the CPU does not go on before its buffer is empty. */
    public boolean drains() {
        return stores == Stores.DRAINED;
    }
}

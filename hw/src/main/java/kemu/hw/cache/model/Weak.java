package kemu.hw.cache.model;

/**
 * Weak order (arm64, POWER): stores drain in any order, except to the same word, across smp_wmb, and past a release;
 * stores to the same word coalesce; loads may return old values until a barrier, except along address dependencies.
 */
public class Weak extends MemoryModelProvider {
    @Override
    public String name() {
        return "weak";
    }

    @Override
    public String description() {
        return "arm64, POWER: stores drain out of order, loads may be stale until a barrier";
    }

    @Override
    public final StoreOrder stores() {
        return StoreOrder.PER_WORD;
    }

    @Override
    public final boolean coalesces() {
        return true;
    }

    @Override
    public final boolean staleLoads() {
        return true;
    }

    @Override
    public final boolean atomicsAreFences() {
        return false;
    }
}

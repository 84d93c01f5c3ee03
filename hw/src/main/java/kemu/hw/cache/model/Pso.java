package kemu.hw.cache.model;

/** Partial store order (SPARC V8): as {@link Tso}, but stores to different words drain in any order. */
public final class Pso extends Reordering {
    @Override
    public String description() {
        return "SPARC V8: as tso, but stores to different words drain in any order";
    }

    @Override
    public boolean buffers() {
        return true;
    }

    @Override
    public boolean reordersStores() {
        return true;
    }
}

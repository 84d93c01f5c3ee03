package kemu.hw.cache;

/** Told when buffered stores become visible to other CPUs. */
@FunctionalInterface
public interface Drained {
    /** The bytes of {@code mask} in the eight bytes at {@code granule} have been written to memory. */
    void drained(long granule, long mask);
}

package kemu.hw.cache;

/** Told when buffered stores become visible to other CPUs. */
@FunctionalInterface
public interface Drained {
    /**
     * The bytes of {@code mask} in the eight bytes at {@code granule} were {@code before} and are {@code after} now.
     */
    void drained(long granule, long mask, long before, long after);
}

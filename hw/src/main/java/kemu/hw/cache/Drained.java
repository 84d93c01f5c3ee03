package kemu.hw.cache;

/** Told when buffered stores become visible to other CPUs. */
@FunctionalInterface
public interface Drained {
    /**
     * The bytes of {@code mask} in the eight bytes at {@code granule} were {@code before} and are {@code after} now.
     * The last of the CPU's stores that this makes visible is its {@code number}-th, see {@link CpuBuffers#stored}.
     */
    void drained(long granule, long mask, long before, long after, long number);
}

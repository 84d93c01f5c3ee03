package kemu.mm.slab;

import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;

/**
 * All slab caches: creation by name, statistics, naming of objects for reports.
 */
public final class SlabAllocator {
    /** Slab pages go back to the page allocator only after a grace period; objects are reused at once. */
    public static final int SLAB_DESTROY_BY_RCU = 1;
    /** A failed allocation is a kernel bug. */
    public static final int SLAB_PANIC = 2;
    /** Object starts on its own cache line. */
    public static final int SLAB_HWCACHE_ALIGN = 4;

    private final Kernel kernel;

    /** Part of {@code kernel}; boot only. */
    public SlabAllocator(Kernel kernel) {
        this.kernel = kernel;
    }

    /** kmem_cache_create. Boot, or tests. */
    public KmemCache create(Cpu cpu, String name, int sizeBytes, int alignment, int flags, SlabConstructor constructor) {
        throw new UnsupportedOperationException("SlabAllocator");
    }

    /** kmem_cache_destroy: waits with rcu_barrier if the cache is SLAB_DESTROY_BY_RCU. Context: may sleep. */
    public void destroy(Cpu cpu, KmemCache cache) {
        throw new UnsupportedOperationException("SlabAllocator");
    }

    /** All caches, in order of creation. */
    public KmemCache[] caches() {
        throw new UnsupportedOperationException("SlabAllocator");
    }
}

package kemu.mm.slab;

import kemu.hw.cpu.Cpu;

/**
 * One slab cache in SLUB's design. The object holds constants; the state is in emulated memory.
 */
public final class KmemCache {

    /** Name as in /proc/slabinfo. */
    public String name() {
        throw new UnsupportedOperationException("KmemCache");
    }

    /** kmem_cache_alloc: an object, or NULL. Contents: as the last user left it, or as the constructor made it. */
    public long alloc(Cpu cpu, int gfp) {
        throw new UnsupportedOperationException("KmemCache");
    }

    /** kmem_cache_free: the object is the next one this CPU allocates (LIFO). Double free is a kernel bug. */
    public void free(Cpu cpu, long object) {
        throw new UnsupportedOperationException("KmemCache");
    }

    /** Objects in use; racy. */
    public long activeObjects(Cpu cpu) {
        throw new UnsupportedOperationException("KmemCache");
    }

    /** Objects in all slab pages; racy. */
    public long totalObjects(Cpu cpu) {
        throw new UnsupportedOperationException("KmemCache");
    }

    /** Slab pages. */
    public long slabPages(Cpu cpu) {
        throw new UnsupportedOperationException("KmemCache");
    }
}

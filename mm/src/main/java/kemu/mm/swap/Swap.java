package kemu.mm.swap;

import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;

/**
 * The swap area: entries with use counts, and the swap cache.
 */
public final class Swap {
    private final Kernel kernel;

    /** Part of {@code kernel}; boot only. */
    public Swap(Kernel kernel) {
        this.kernel = kernel;
    }

    /** get_swap_page: a free entry with use count 1 (cache), or 0 if the area is full. */
    public long getSwapPage(Cpu cpu) {
        throw new UnsupportedOperationException("Swap");
    }

    /** add_to_swap: gives an anonymous page an entry and puts it in the swap cache, dirty. Context: page lock. */
    public boolean addToSwap(Cpu cpu, long page) {
        throw new UnsupportedOperationException("Swap");
    }

    /** swap_duplicate: one more pte holds the entry. Context: pte lock. */
    public void duplicate(Cpu cpu, long entry) {
        throw new UnsupportedOperationException("Swap");
    }

    /** swap_free: one pte less. */
    public void free(Cpu cpu, long entry) {
        throw new UnsupportedOperationException("Swap");
    }

    /** lookup_swap_cache: the page with a reference, or NULL. */
    public long lookup(Cpu cpu, long entry) {
        throw new UnsupportedOperationException("Swap");
    }

    /** read_swap_cache_async: the page of the entry, in the cache, up to date, with a reference; NULL if the entry is free or memory is out. Context: may sleep. */
    public long readIn(Cpu cpu, long entry) {
        throw new UnsupportedOperationException("Swap");
    }

    /** swap_writepage: writes the page to its block and clears dirty. Context: page lock. */
    public void writepage(Cpu cpu, long page) {
        throw new UnsupportedOperationException("Swap");
    }

    /** __remove_mapping for a swap-cache page with only the cache's and the caller's reference. Context: page lock. */
    public boolean removeMapping(Cpu cpu, long page) {
        throw new UnsupportedOperationException("Swap");
    }

    /** try_to_free_swap: drops the cache if no pte holds the entry. Context: page lock. */
    public boolean tryToFree(Cpu cpu, long page) {
        throw new UnsupportedOperationException("Swap");
    }

    /** reuse_swap_page: true if the caller is the only owner, so a write may reuse the page. Context: page lock. */
    public boolean reuse(Cpu cpu, long page) {
        throw new UnsupportedOperationException("Swap");
    }

    /** delete_from_swap_cache. Context: page lock. */
    public void deleteFromCache(Cpu cpu, long page) {
        throw new UnsupportedOperationException("Swap");
    }

    /** Entries in use; racy. */
    public long usedEntries(Cpu cpu) {
        throw new UnsupportedOperationException("Swap");
    }

    /** Entries of the area. */
    public long capacity() {
        throw new UnsupportedOperationException("Swap");
    }
}

package kemu.mm.page;

import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;

/**
 * The LRU lists of the zone and the per-CPU pagevecs in front of them.
 */
public final class Lru {
    private final Kernel kernel;

    /** Part of {@code kernel}; boot only. */
    public Lru(Kernel kernel) {
        this.kernel = kernel;
    }

    /** lru_cache_add: through this CPU's pagevec; file or anon by PG_SWAPBACKED. Takes a reference while in the pagevec. */
    public void add(Cpu cpu, long page, boolean active) {
        throw new UnsupportedOperationException("Lru");
    }

    /** activate_page. */
    public void activate(Cpu cpu, long page) {
        throw new UnsupportedOperationException("Lru");
    }

    /** mark_page_accessed: inactive,unreferenced, then referenced, then active. */
    public void markAccessed(Cpu cpu, long page) {
        throw new UnsupportedOperationException("Lru");
    }

    /** isolate_lru_page: takes the page off its list with a reference for the caller; false if it is on none. */
    public boolean isolate(Cpu cpu, long page) {
        throw new UnsupportedOperationException("Lru");
    }

    /** putback_lru_page: back on the list its flags say, caller's reference dropped. */
    public void putback(Cpu cpu, long page) {
        throw new UnsupportedOperationException("Lru");
    }

    /** lru_add_drain: empties this CPU's pagevecs. */
    public void drain(Cpu cpu) {
        throw new UnsupportedOperationException("Lru");
    }

    /** lru_add_drain_all: by cross call on every CPU. Context: interrupts enabled. */
    public void drainAll(Cpu cpu) {
        throw new UnsupportedOperationException("Lru");
    }

    /** __page_cache_release: takes a page without references off its list. */
    public void removeForFree(Cpu cpu, long page) {
        throw new UnsupportedOperationException("Lru");
    }
}

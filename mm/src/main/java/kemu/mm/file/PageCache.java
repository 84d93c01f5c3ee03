package kemu.mm.file;

import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;

/**
 * Cached pages of files: a radix tree per file, read under RCU.
 */
public final class PageCache {
    private final Kernel kernel;

    /** Part of {@code kernel}; boot only. */
    public PageCache(Kernel kernel) {
        this.kernel = kernel;
    }

    /** find_get_page: the page with a reference, or NULL. Lockless. */
    public long find(Cpu cpu, long mapping, long index) {
        throw new UnsupportedOperationException("PageCache");
    }

    /** The page, up to date, with a reference; read from the file if it was not cached (counts as major). NULL if memory is out. Context: may sleep. */
    public long findOrRead(Cpu cpu, long mapping, long index) {
        throw new UnsupportedOperationException("PageCache");
    }

    /** __remove_mapping for a file page: takes a page with only the cache's and the caller's reference out of the cache. Context: page lock. */
    public boolean removeMapping(Cpu cpu, long page) {
        throw new UnsupportedOperationException("PageCache");
    }

    /** Writes a dirty shared page back. Context: page lock. */
    public void writepage(Cpu cpu, long page) {
        throw new UnsupportedOperationException("PageCache");
    }

    /** What word {@code word} (0..511) of page {@code index} of file {@code key} holds if it was never written: the oracle's formula. */
    public static long contentsOf(long key, long index, int word) {
        throw new UnsupportedOperationException("PageCache");
    }
}

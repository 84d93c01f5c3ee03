package kemu.mm.page;

import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;

/**
 * Buddy allocator of the one zone, with per-CPU lists and watermarks.
 */
public final class PageAllocator {
    private final Kernel kernel;

    /** Part of {@code kernel}; boot only. */
    public PageAllocator(Kernel kernel) {
        this.kernel = kernel;
    }

    /** A block of 2^order frames with _count 1 on its head page, or NULL. May reclaim, and in the end kill, if {@code gfp} allows. Context: may sleep with {@link Gfp#WAIT}. */
    public long allocPages(Cpu cpu, int gfp, int order) {
        throw new UnsupportedOperationException("PageAllocator");
    }

    /** Frees a block whose head page has _count 0 or whose sole reference the caller gives up. Checks bad_page. */
    public void freePages(Cpu cpu, long page, int order) {
        throw new UnsupportedOperationException("PageAllocator");
    }

    /** put_page: drops a reference; the last one takes the page off the LRU and frees it. Full order. */
    public void putPage(Cpu cpu, long page) {
        throw new UnsupportedOperationException("PageAllocator");
    }

    /** Address of the contents of {@code page}. */
    public long frameOf(long page) {
        throw new UnsupportedOperationException("PageAllocator");
    }

    /** The struct page of the frame at {@code frame}. @throws kemu.hw.mem.KernelBug if there is none. */
    public long pageOf(long frame) {
        throw new UnsupportedOperationException("PageAllocator");
    }

    /** Frame number. */
    public long pfnOf(long page) {
        throw new UnsupportedOperationException("PageAllocator");
    }

    /** The struct page of frame number {@code pfn}. */
    public long pageOfPfn(long pfn) {
        throw new UnsupportedOperationException("PageAllocator");
    }

    /** Frames managed. */
    public long totalPages() {
        throw new UnsupportedOperationException("PageAllocator");
    }

    /** Free frames, per-CPU lists included; racy. */
    public long freePageCount(Cpu cpu) {
        throw new UnsupportedOperationException("PageAllocator");
    }

    /** Below this kswapd is woken. */
    public long lowWatermark() {
        throw new UnsupportedOperationException("PageAllocator");
    }

    /** kswapd stops here. */
    public long highWatermark() {
        throw new UnsupportedOperationException("PageAllocator");
    }

    /** Sets who makes room. Boot only. */
    public void reclaimer(Reclaimer reclaimer) {
        throw new UnsupportedOperationException("PageAllocator");
    }
}

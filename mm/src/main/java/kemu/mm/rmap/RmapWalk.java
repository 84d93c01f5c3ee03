package kemu.mm.rmap;

import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;

/**
 * Walks from a page to the ptes that map it.
 */
public final class RmapWalk {
    /** Result of {@link #tryToUnmap}: no pte maps the page any more. */
    public static final int SWAP_SUCCESS = 0;
    /** Result: some pte remains, try again later. */
    public static final int SWAP_AGAIN = 1;
    /** Result: cannot be unmapped. */
    public static final int SWAP_FAIL = 2;

    private final Kernel kernel;

    /** Part of {@code kernel}; boot only. */
    public RmapWalk(Kernel kernel) {
        this.kernel = kernel;
    }

    /** page_referenced: ptes (and the page flag) that were accessed since the last call; clears them. Context: the caller holds a reference; may sleep with some strategies. */
    public int pageReferenced(Cpu cpu, long page, boolean locked) {
        throw new UnsupportedOperationException("RmapWalk");
    }

    /** try_to_unmap: replaces every pte of the page (anonymous: by swap entries). Context: page lock. */
    public int tryToUnmap(Cpu cpu, long page) {
        throw new UnsupportedOperationException("RmapWalk");
    }

    /** vma_address: where {@code vma} would map the page, or -EFAULT. */
    public long vmaAddress(Cpu cpu, long page, long vma) {
        throw new UnsupportedOperationException("RmapWalk");
    }

    /** page_check_address: the locked pte that maps the page at {@code address}, or NULL. */
    public long pageCheckAddress(Cpu cpu, long page, long mm, long address) {
        throw new UnsupportedOperationException("RmapWalk");
    }
}

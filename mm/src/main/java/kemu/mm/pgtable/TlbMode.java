package kemu.mm.pgtable;

/**
 * Whether CPUs have a TLB that is explored, and where code flushes it.
 *
 * @param explored false: every user access walks the page table, as if no entry stayed longer than that
 * @param flushPoints where batches are flushed
 */
public record TlbMode(boolean explored, FlushPoints flushPoints) {}

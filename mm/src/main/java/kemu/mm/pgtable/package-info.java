/**
 * Page tables: four levels, a lock per lowest-level table, TLB flushes, and the batching of freed pages.
 *
 * <p>Entry class: {@link kemu.mm.pgtable.PageTable}. Lock order: mmap_sem, rmap locks, page_table_lock, pte lock (of
 * two tables: the destination's before the source's), then lru_lock, swap_lock and what the page allocator takes.
 */
package kemu.mm.pgtable;

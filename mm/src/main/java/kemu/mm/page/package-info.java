/**
 * Physical pages: {@code struct page}, the buddy allocator with its per-CPU lists and watermarks, the page lock, the
 * LRU lists behind per-CPU pagevecs, and the counters of /proc/vmstat.
 *
 * <p>Entry classes: {@link kemu.mm.page.PageAllocator}, {@link kemu.mm.page.Lru}, {@link kemu.mm.page.PageLock}.
 *
 * <p>Lock order: the page lock is outermost of what lives here. {@code zone->lru_lock} and {@code zone->lock} are
 * innermost, both taken with interrupts disabled; neither is taken inside the other. Per-CPU lists, pagevecs and
 * counters belong to their CPU: interrupts and preemption arrive only at marked accesses and polls, so a run of plain
 * accesses to the own CPU's data cannot be interrupted.
 *
 * <p>Lockless: {@link kemu.mm.page.Page#FLAGS}, {@link kemu.mm.page.Page#COUNT}, {@link kemu.mm.page.Page#MAPCOUNT}
 * (atomics), {@link kemu.mm.page.Page#MAPPING} (read once). Source: Linux 2.6.36 mm/page_alloc.c, mm/swap.c,
 * mm/filemap.c.
 */
package kemu.mm.page;

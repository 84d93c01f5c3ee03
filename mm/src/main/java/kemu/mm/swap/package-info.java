/**
 * The swap area: use counts of its entries, the cache of pages that have an entry, and reading and writing them.
 *
 * <p>Entry class: {@link kemu.mm.swap.Swap}. Lock order: page lock -> pte lock -> {@code swap_lock}, which is innermost
 * and guards the use counts. The slots of the swap cache have one writer at a time (see {@code SwapCache}) and are read
 * without a lock. Source: Linux 2.6.36 mm/swapfile.c, mm/swap_state.c, mm/page_io.c.
 */
package kemu.mm.swap;

/**
 * Slab caches in SLUB's design: objects of one type carved from slab pages, reused last in first out on each CPU
 * without being touched in between. With SLAB_DESTROY_BY_RCU only the slab page waits for a grace period before it
 * leaves the cache; an object is reused at once, possibly inside the grace period a reader started in.
 *
 * <p>Entry classes: {@link kemu.mm.slab.SlabAllocator}, {@link kemu.mm.slab.KmemCache}.
 *
 * <p>Lock order, as in 2.6.36: the slab lock (PG_LOCKED of the slab's head page, taken with interrupts disabled), then
 * {@code list_lock} of the cache; who holds list_lock only tries a slab lock. Both are innermost but for the zone lock.
 * The CPU slab belongs to its CPU; its fast paths are plain accesses only, which nothing interrupts.
 *
 * <p>An object slot is followed by a state word, odd while the object is allocated, which also counts its lives. Double
 * free is found by it at the spot; reports name objects with it. Source: Linux 2.6.36 mm/slub.c.
 */
package kemu.mm.slab;

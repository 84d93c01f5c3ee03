/**
 * Reverse mapping: from a page to the ptes that map it. Anonymous pages lead through an {@code anon_vma} and its chains
 * to VMAs; file pages through their file's list of VMAs.
 *
 * <p>Entry classes: {@link kemu.mm.rmap.AnonVmas} (life of anon_vmas), {@link kemu.mm.rmap.PageRmap} (counting),
 * {@link kemu.mm.rmap.RmapWalk} (walks). How an anon_vma is found and locked is a strategy,
 * {@link kemu.mm.rmap.AnonVmaLocking}; the built-in ones live in {@code kemu.mm.rmap.lock}.
 *
 * <p>Lock order: mmap_sem, page lock, i_mmap_lock, root anon_vma lock, page_table_lock or pte lock. Lockless fields:
 * {@code anon_vma.root} and {@code refcount}, {@code page.mapping}, {@code page._mapcount}, {@code vma.anon_vma} once
 * set.
 *
 * <p>Source: Linux 2.6.36 to 3.8 mm/rmap.c.
 */
package kemu.mm.rmap;

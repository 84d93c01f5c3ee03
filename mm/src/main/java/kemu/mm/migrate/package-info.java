/**
 * Page migration: moves the contents of a page to another frame while processes go on using it. Its ptes become
 * migration entries, at which faults wait, and the entries become ptes of the other page.
 *
 * <p>Entry class: {@link kemu.mm.migrate.Migration}. Lock order: page lock of the old page, page lock of the new one
 * (tried, nobody else has it), then i_mmap_lock or the lock of an anon_vma's root, then pte lock; the lock of a cache
 * is taken with none of the last two. Source: Linux 2.6.36 to 2.6.38 mm/migrate.c.
 */
package kemu.mm.migrate;

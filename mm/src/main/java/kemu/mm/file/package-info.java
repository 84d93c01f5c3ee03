/**
 * Files and their cached pages: a table of files by key, a radix tree of pages per file, and the disk behind shared
 * mappings.
 *
 * <p>Entry classes: {@link kemu.mm.file.Files}, {@link kemu.mm.file.PageCache}. Lock order: page lock ->
 * {@code inode_lock} -> {@code mapping->tree_lock} (interrupts disabled) -> {@code disk_lock}; {@code i_mmap_lock} is
 * taken by {@code kemu.mm.rmap} and {@code kemu.mm.vma} and nests in nothing here. Page lookups run under RCU. Source:
 * Linux 2.6.36 mm/filemap.c, fs/inode.c, lib/radix-tree.c.
 */
package kemu.mm.file;

/**
 * Address spaces: mm_structs, their VMAs, and the system calls that change them; fork's copy and exit's teardown.
 *
 * <p>Entry classes: {@link kemu.mm.vma.Mms} (life of an mm_struct) and {@link kemu.mm.vma.Mmap} (system calls). Lock
 * order: mmap_sem of the parent, of the child, page lock, i_mmap_lock, anon_vma root lock (outside i_mmap_lock if it
 * can sleep), page_table_lock, pte lock.
 */
package kemu.mm.vma;

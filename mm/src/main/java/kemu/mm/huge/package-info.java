/**
 * Transparent huge pages: 512 frames in a row that one PMD maps in each address space. A fault maps one, fork and exit
 * handle it whole, and everything else splits it first, in all address spaces at once.
 *
 * <p>Entry class: {@link kemu.mm.huge.HugePages}. Lock order: mmap_sem, page lock, lock of the anon_vma, lock of a PMD
 * (of two: the child's before the parent's), then lru_lock. While the PMDs of a page are marked as being split, its
 * splitter is not preempted and does not sleep, so that others may spin until the mark is gone.
 *
 * <p>Source: Linux 2.6.38 mm/huge_memory.c, with the PMD locks of 3.13 and the names of counters of 4.5.
 */
package kemu.mm.huge;

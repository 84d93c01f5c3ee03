/**
 * A kernel thread that looks for small pages which could be a huge one, in the address spaces that have mapped memory
 * where one fits, and collapses them.
 *
 * <p>Entry class: {@link kemu.mm.khugepaged.Khugepaged}. Lock order: khugepaged_mutex, then mmap_sem of one address
 * space, (R) to look and (W) to collapse, then what {@code kemu.mm.huge} takes; khugepaged_mm_lock is innermost. An
 * address space whose last user goes waits, in mmap_sem (W), for the thread to leave it.
 *
 * <p>Source: Linux 2.6.38 mm/huge_memory.c.
 */
package kemu.mm.khugepaged;

/**
 * Truncation and hole punching: the system calls, and the order in which a file's size, its mapped pages and its cached
 * pages change.
 *
 * <p>Entry class: {@link kemu.mm.truncate.Truncate}. Lock order: i_mutex, page lock, i_mmap_lock, pte lock; mmap_sem is
 * not taken. Source: Linux 2.6.36 mm/truncate.c, mm/memory.c; hole punching of 2.6.38 fs/open.c and 3.4 mm/truncate.c.
 */
package kemu.mm.truncate;

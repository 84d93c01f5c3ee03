/**
 * Kernel samepage merging: a thread that looks for anonymous pages with equal contents in the address spaces that ask
 * for it (madvise), write-protects them and maps one of them everywhere. A write copies it again.
 *
 * <p>Entry class: {@link kemu.mm.ksm.Ksm}. Two trees ordered by contents: the stable one of KSM pages, which cannot
 * change, and the unstable one of pages that did not change between two looks, made anew in every round. An
 * {@link kemu.mm.ksm.RmapItem} stands for an address that was scanned, and keeps an anon_vma while it shares a KSM
 * page.
 *
 * <p>Lock order: ksm_thread_mutex, mmap_sem (R) of one address space, page lock, then what {@code kemu.mm.rmap} takes;
 * ksm_mmlist_lock is innermost. The trees, rmap_items and the unstable tree belong to whoever holds ksm_thread_mutex;
 * the list of a KSM page's rmap_items also to reclaim, under the page lock.
 *
 * <p>Source: Linux 2.6.36 mm/ksm.c.
 */
package kemu.mm.ksm;

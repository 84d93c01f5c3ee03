/**
 * Moving pages within an address space without copying them: UFFDIO_MOVE of userfaultfd, the first operation that takes
 * a page from one tree of anon_vmas to another.
 *
 * <p>Entry class: {@link kemu.mm.uffd.MovePages}. Lock order: mmap_sem (R), page lock, root anon_vma lock, the pte
 * locks of both places by address.
 */
package kemu.mm.uffd;

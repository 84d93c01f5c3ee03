/**
 * Processes: fork, vfork, exec, exit and wait, above tasks and address spaces.
 *
 * <p>Entry class: {@link kemu.mm.process.Processes}. Lock order: {@code tasklist_lock} guards parent, children and
 * zombie state; wait queue and run queue locks nest inside. It is never held together with mmap_sem.
 */
package kemu.mm.process;

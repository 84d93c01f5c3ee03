/**
 * Tasks: fibers pinned to one CPU from fork to exit, per-CPU run queues, wait queues, timers, cross-CPU calls, and the
 * locks that sleep. All run-time state is in emulated memory; the fiber objects are only where execution continues.
 *
 * <p>Entry classes: {@link kemu.kernel.task.KernelCore}, which builds machines with all of this on them, and
 * {@link kemu.kernel.task.Sched}. Lock order: wait queue lock, then run queue lock. Both are taken with interrupts
 * disabled.
 */
package kemu.kernel.task;

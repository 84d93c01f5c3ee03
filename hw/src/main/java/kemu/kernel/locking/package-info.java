/**
 * Locks that spin, as structs in emulated memory: spinlock, bit lock, seqcount and seqlock. Locks that sleep live in
 * {@code kemu.kernel.task}, beside the scheduler they need.
 *
 * <p>Entry class: {@link kemu.kernel.locking.SpinLock}. A spinlock disables preemption while it is held.
 */
package kemu.kernel.locking;

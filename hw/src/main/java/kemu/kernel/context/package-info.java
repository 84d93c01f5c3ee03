/**
 * What code of the kernel core runs as: the current task ({@link kemu.kernel.context.Task}, the struct alone) and
 * whether it may be preempted or interrupted ({@link kemu.kernel.context.Preempt}). The lowest floor of the core: locks
 * stand on it, and the scheduler on them. No locks live here.
 */
package kemu.kernel.context;

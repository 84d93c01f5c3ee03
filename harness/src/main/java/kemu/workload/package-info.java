/**
 * What runs on the emulated kernel: user programs that fork, exec, map, touch memory and check what they read.
 *
 * <p>Entry class: {@link kemu.workload.Workload}. Code here is user mode: it reaches the kernel through system calls
 * ({@link kemu.workload.Syscalls}) and memory through {@link kemu.mm.fault.UserAccess} only. It may use Java objects.
 *
 * <p>What mix draws from is a table of operations ({@code Operations}); one more is a row there, its weight, and what
 * it does with what a {@code StormThread} has. It returns false only if its thread cannot go on, and leaves nothing
 * running.
 */
package kemu.workload;

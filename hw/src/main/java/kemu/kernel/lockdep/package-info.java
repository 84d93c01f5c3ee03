/**
 * The lock validator: an instrument beside the machine, told of every lock operation, that reports lock orders which
 * can deadlock even where they did not. All state is on the host; emulated memory is only looked at.
 *
 * <p>Entry class: {@link kemu.kernel.lockdep.LockDep}. Lock order: none, no locks live here.
 *
 * <p>Source: Linux 6.1 kernel/locking/lockdep.c.
 */
package kemu.kernel.lockdep;

/**
 * How long locks of a native run are waited for and held, by class, after Linux's {@code /proc/lock_stat}: measured by
 * the CPUs themselves, each of which writes numbers of its own. Off unless asked for, and then nothing of it is loaded.
 *
 * <p>Entry class: {@link kemu.locks.LockStat}. Measuring takes no lock, and allocates only when a CPU meets a class for
 * the first time.
 */
package kemu.locks;

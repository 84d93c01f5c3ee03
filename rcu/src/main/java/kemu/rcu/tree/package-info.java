/**
 * Tree RCU in the shape of Linux 6.1: CPUs report quiescent states to their leaf of a tree of nodes, a node whose CPUs
 * have all reported reports to its parent, and the root wakes the grace-period thread. Callbacks wait on per-CPU lists
 * in segments, one for each grace period they wait for.
 *
 * <p>Entry classes: {@link kemu.rcu.tree.SchedFlavor} and {@link kemu.rcu.tree.PreemptFlavor}. Lock order: barrier
 * mutex; node locks from leaf to root; under them nothing but the locks of {@code kemu.kernel.task}. Node locks and
 * per-CPU data are used with interrupts disabled.
 */
package kemu.rcu.tree;

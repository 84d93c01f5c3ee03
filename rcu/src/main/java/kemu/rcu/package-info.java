/**
 * Read-copy-update. A reader never waits; an updater waits until every reader that may hold what it removed has ended.
 *
 * <p>Entry class: {@link kemu.rcu.Rcu}, which lists the guarantees. How a flavour finds out that readers have ended is
 * behind {@link kemu.rcu.RcuFlavor}; {@code kemu.rcu.tree} is the hierarchical one, and {@code kemu.rcu.flavors}, above
 * it, boots one by name. Locks of this module are leaves of the lock order: nothing but a wait queue and a run queue is
 * locked under them, so {@code callRcu} works under any lock but a run queue's.
 */
package kemu.rcu;

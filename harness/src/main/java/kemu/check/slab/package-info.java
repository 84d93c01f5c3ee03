/**
 * Scenarios of SLAB_DESTROY_BY_RCU: what the type stability of a cache promises a lookup without locks, and what it
 * does not.
 *
 * <p>Entry class: {@link kemu.check.slab.SlabScenarios}. Most race over {@link kemu.check.slab.Conn}, an object (of
 * {@link kemu.check.kit}) found by key as sockets and conntrack entries are; the last two repeat the hang of 2.6.36-rc2
 * with other ways of reuse. Variants that are wrong on purpose are here and nowhere else.
 */
package kemu.check.slab;

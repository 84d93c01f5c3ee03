package kemu.mm.rmap;

import kemu.rcu.Rcu;

/**
 * What a strategy of finding and locking anon_vmas may use: all of it is built before the strategy.
 *
 * @param rcu read sections
 * @param refs references of anon_vmas
 */
public record AnonVmaServices(Rcu rcu, AnonVmaRefs refs) {}

package kemu.check.slab;

import kemu.check.scenario.Scenario;

/** What the scenarios of this package have in common: two CPUs, and variants of their own. */
interface SlabScenario extends Scenario {
    /** Why {@code --slab-reuse} makes no sense for a scenario that chooses the way of reuse itself. */
    String VARIANTS_ARE_REUSE = "its variants are ways of reuse themselves";

    @Override
    default int cpus() {
        return 2;
    }

    @Override
    default boolean byAnonVma() {
        return false;
    }

    /** Tasks give way where they sleep only, so that several on one CPU are covered. */
    @Override
    default boolean preemptible() {
        return false;
    }
}

package kemu.check.slab;

import kemu.check.scenario.OwnVariants;

/** What the scenarios of this package have in common. */
interface SlabScenario extends OwnVariants {
    /** Tasks give way where they sleep only, so that several on one CPU are covered. */
    @Override
    default boolean preemptible() {
        return false;
    }
}

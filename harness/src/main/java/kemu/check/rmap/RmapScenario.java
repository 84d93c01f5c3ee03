package kemu.check.rmap;

import java.util.List;
import kemu.check.Scenario;
import kemu.mm.KernelConfig;
import kemu.mm.rmap.AnonVmaRules;

/** What the scenarios of this package have in common: two CPUs, and variants of their own, the sound one first. */
interface RmapScenario extends Scenario {
    @Override
    default int cpus() {
        return 2;
    }

    @Override
    default boolean byAnonVma() {
        return false;
    }

    @Override
    List<String> variants();

    /** A kernel with the lookup {@code anonVma} and the rules {@code rules}. */
    static KernelConfig kernel(String anonVma, AnonVmaRules rules) {
        return new KernelConfig(anonVma, 0).withAnonVmaRules(rules);
    }
}

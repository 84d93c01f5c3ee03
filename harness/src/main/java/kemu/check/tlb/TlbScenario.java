package kemu.check.tlb;

import kemu.check.scenario.Expectation;
import kemu.check.scenario.OwnVariants;
import kemu.check.scenario.Subject;
import kemu.mm.KernelConfig;

/**
 * What the scenarios of this package have in common: variants that are places of flushes, the sound one first. No
 * access of theirs takes a fault, so nobody looks a VMA up, and a lookup of another author is no variant here: that is
 * {@link ForkFault}'s, where a fault is one of the three who race.
 */
interface TlbScenario extends OwnVariants {
    /** What the variants fail with that are known to be bad. */
    Expectation failure();

    @Override
    default KernelConfig configure(String variant) {
        return KernelConfig.of(0).withTlb(variant);
    }

    @Override
    default Expectation expected(Subject subject) {
        return subject.variant().equals(variants().get(0)) ? Expectation.HOLDS : failure();
    }

    @Override
    default Expectation whenKeptBack(Subject subject, Expectation usual) {
        return usual;
    }
}

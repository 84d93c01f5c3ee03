package kemu.check.slab;

import kemu.check.scenario.Expectation;
import kemu.check.scenario.Subject;
import kemu.mm.KernelConfig;

/** The hang of 2.6.36-rc2 where the variants are ways of reuse: {@code fast}, which hangs, and one that does not. */
interface ReuseVariants extends SlabScenario {
    /** What must be found where freed objects are not reused at once. */
    Expectation whenNotFast();

    @Override
    default KernelConfig configure(String variant) {
        return new KernelConfig("root-reread", 0).withSlabReuse(variant);
    }

    @Override
    default Expectation expected(Subject subject) {
        if (!subject.slabReuse().isEmpty()) {
            return Expectation.inapplicable("its variants are ways of reuse themselves");
        }
        return subject.variant().equals("fast") ? Expectation.wrongUnlock(subject) : whenNotFast();
    }
}

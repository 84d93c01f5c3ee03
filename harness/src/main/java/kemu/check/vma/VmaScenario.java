package kemu.check.vma;

import kemu.check.scenario.OwnVariants;
import kemu.mm.KernelConfig;

/** What the scenarios of this package have in common: variants that are lookups of VMAs, the sound one first. */
interface VmaScenario extends OwnVariants {
    @Override
    default KernelConfig configure(String variant) {
        return KernelConfig.of(0).withVmaLookup(variant);
    }
}

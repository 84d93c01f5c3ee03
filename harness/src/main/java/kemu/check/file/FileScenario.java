package kemu.check.file;

import kemu.check.scenario.OwnVariants;
import kemu.mm.KernelConfig;
import kemu.mm.truncate.rules.TruncateRuleSets;

/** What the scenarios of this package have in common: variants that are rules of truncation, the kernel's first. */
interface FileScenario extends OwnVariants {
    /** The kernel as it is. */
    String CURRENT = TruncateRuleSets.CURRENT;

    /** Deviations where all interleavings are too many: several hundred thousand. */
    int FEW_DEVIATIONS = 2;

    @Override
    default KernelConfig configure(String variant) {
        return KernelConfig.of(0).withTruncation(variant);
    }
}

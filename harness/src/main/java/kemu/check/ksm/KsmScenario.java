package kemu.check.ksm;

import kemu.check.scenario.OwnVariants;
import kemu.hw.cache.MemoryModel;
import kemu.mm.KernelConfig;

/** What the scenarios of this package have in common: variants that are rules of merging, the sound one first. */
interface KsmScenario extends OwnVariants {
    /** Entries of the swap area, where a scene needs one. */
    int SWAP_PAGES = 64;

    /** Deviations within which the races are covered on {@code model}: a round of ksmd is too long for all. */
    static int within(MemoryModel model) {
        return model.buffers() ? 1 : 2;
    }

    @Override
    default KernelConfig configure(String variant) {
        return KernelConfig.of(SWAP_PAGES).withKsm(variant);
    }
}

package kemu.check.mlock;

import java.util.List;
import kemu.check.scenario.OwnVariants;
import kemu.mm.KernelConfig;
import kemu.mm.mlock.kind.Mlockings;

/** What the scenarios of this package have in common: variants that are ways to mlock pages, a sound one first. */
interface MlockScenario extends OwnVariants {
    /** The ways called {@code builtIn}, then those of other authors. */
    static List<String> withForeign(List<String> builtIn) {
        return OwnVariants.withForeign(builtIn, Mlockings.foreign());
    }

    @Override
    default KernelConfig configure(String variant) {
        return KernelConfig.of(0).withMlock(variant);
    }

    @Override
    default String mlock(String variant) {
        return configure(variant).mlock();
    }
}

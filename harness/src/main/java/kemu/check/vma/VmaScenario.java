package kemu.check.vma;

import java.util.List;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.OwnVariants;
import kemu.check.scenario.Subject;
import kemu.mm.KernelConfig;

/** What the scenarios of this package have in common: variants that are lookups of VMAs, the sound one first. */
interface VmaScenario extends OwnVariants {
    /** The lookups called {@code builtIn}, then those of other authors. */
    static List<String> withForeign(String... builtIn) {
        return Fixture.withForeign(builtIn);
    }

    /** True if a fault shows only in the next life of an object, so that it is hidden where slabs keep freed ones. */
    default boolean needsNextLife() {
        return false;
    }

    @Override
    default Expectation whenKeptBack(Subject subject, Expectation usual) {
        return needsNextLife() ? OwnVariants.super.whenKeptBack(subject, usual) : usual;
    }

    @Override
    default KernelConfig configure(String variant) {
        return KernelConfig.of(0).withVmaLookup(variant);
    }

    @Override
    default String vmaLookup(String variant) {
        return configure(variant).vmaLookup();
    }
}

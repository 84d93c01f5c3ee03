package kemu.check.rmap;

import java.util.List;
import kemu.check.scenario.OwnVariants;
import kemu.check.scenario.Scene;
import kemu.mm.KernelConfig;
import kemu.mm.rmap.lock.AnonVmaLockings;
import kemu.mm.strategy.Strategies;

/**
 * What the scenarios of this package that have variants of their own have in common; the sound variant is the first.
 */
interface RmapScenario extends OwnVariants {
    /** The anon_vma strategies of other authors, which a scenario that can wrap a lookup wraps as well. */
    static List<String> foreignLookups() {
        return Strategies.names(AnonVmaLockings.foreign());
    }

    /** The lookups called {@code builtIn}, then those of other authors. */
    static List<String> withForeign(List<String> builtIn) {
        return OwnVariants.withForeign(builtIn, AnonVmaLockings.foreign());
    }

    /** A kernel with the lookup {@code anonVma} and the rules {@code rules}. */
    static KernelConfig kernel(String anonVma, String rules) {
        return new KernelConfig(anonVma, 0).withAnonVmaRules(rules);
    }

    /**
     * The task on CPU 1 in which {@code owner} exits, and {@code other} writes and gets the anon_vma that was freed.
     */
    static void exitAndFault(Scene scene, long owner, long other) {
        scene.task(1, "exit+fault", cpu -> {
            scene.exit(cpu, owner);
            scene.write(cpu, other);
        });
    }
}

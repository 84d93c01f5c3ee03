package kemu.mm.mlock;

import kemu.mm.page.LruRules;
import kemu.mm.strategy.Strategy;

/**
 * Makes an {@link Mlocking} for a kernel. Jars from outside are found with {@link java.util.ServiceLoader}; the name is
 * the only key.
 */
public interface MlockingProvider extends Strategy {
    /** True if a page may be freed with PG_mlocked, which the strategy counts then, as Linux 2.6.32 does. */
    default boolean freesMlocked() {
        return false;
    }

    /** How pages go to their lists. Asked once, at boot. */
    default LruRules lruRules() {
        return LruRules.DEFAULT;
    }

    /** The strategy for a kernel with these services. Called once, while the kernel boots. */
    Mlocking create(MlockServices services);
}

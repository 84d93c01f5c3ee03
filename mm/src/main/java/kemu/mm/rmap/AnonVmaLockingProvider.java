package kemu.mm.rmap;

import kemu.mm.strategy.Strategy;

/**
 * Makes an {@link AnonVmaLocking} for a kernel. Jars from outside are found with {@link java.util.ServiceLoader}; the
 * name is the only key.
 */
public interface AnonVmaLockingProvider extends Strategy {
    /** True if a freed anon_vma may be reused only after a grace period. Asked once, at boot. */
    default boolean reusesAfterGracePeriod() {
        return false;
    }

    /**
     * True if its lookup looks at the page again once it has the lock, so that a page which nobody locks may go to the
     * tree of another root. Without that, UFFDIO_MOVE may only move a page within its VMA.
     */
    default boolean seesOtherRoots() {
        return false;
    }

    /** The strategy for a kernel with these services. Called once, while the kernel boots. */
    AnonVmaLocking create(AnonVmaServices services);
}

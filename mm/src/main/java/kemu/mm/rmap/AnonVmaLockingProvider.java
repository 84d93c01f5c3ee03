package kemu.mm.rmap;

/**
 * Makes an {@link AnonVmaLocking} for a kernel. Jars from outside are found with {@link java.util.ServiceLoader}; the
 * name is the only key.
 */
public interface AnonVmaLockingProvider {
    /** The name used on the command line. */
    String name();

    /** One line for listings: where the algorithm comes from. */
    String description();

    /** True if the strategy is known to be wrong and kept to be convicted. */
    boolean knownBad();

    /** True if a freed anon_vma may be reused only after a grace period. Asked once, at boot. */
    default boolean reusesAfterGracePeriod() {
        return false;
    }

    /** The strategy for a kernel with these services. Called once, while the kernel boots. */
    AnonVmaLocking create(AnonVmaServices services);
}

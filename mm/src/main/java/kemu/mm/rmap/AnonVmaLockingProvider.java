package kemu.mm.rmap;

import kemu.mm.Kernel;

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

    /** The strategy for {@code kernel}. Called while the kernel boots: its later services do not exist yet. */
    AnonVmaLocking create(Kernel kernel);
}

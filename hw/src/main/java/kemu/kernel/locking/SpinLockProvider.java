package kemu.kernel.locking;

/**
 * A spinlock algorithm of another author. Jars are found with {@link java.util.ServiceLoader}; the name is the only
 * key.
 */
public interface SpinLockProvider {
    /** The name used on the command line. */
    String name();

    /** One line for listings: where the algorithm comes from. */
    String description();

    /** The algorithm for one machine. Called once, while the machine boots. */
    SpinLocks create();
}

package kemu.locks;

/**
 * What is known of the locks of one class that are taken in one way, since the run began, on all CPUs.
 *
 * @param lockClass name of the class
 * @param kind spinlock, mutex, rwsem or bit
 * @param mode read, write, or own where there is but one way to take it
 * @param waits of those that were not free
 * @param holds of all that have been freed: so many acquisitions there were
 */
public record LockFigures(String lockClass, String kind, String mode, Times waits, Times holds) {
    /**
     * Times, in nanoseconds.
     *
     * @param count how many
     * @param sum all together
     * @param p50 median
     * @param p99 percentile
     * @param max the longest
     */
    public record Times(long count, long sum, long p50, long p99, long max) {}
}

package kemu.rcu.tree;

/**
 * Arithmetic of grace-period sequence numbers: the low two bits hold the state (0: no grace period runs), the rest
 * counts grace periods. Comparisons survive wrap-around. Source: Linux 6.1 kernel/rcu/rcu.h, rcu_seq_*().
 */
final class GpSeq {
    static final int COUNTER_SHIFT = 2;
    static final long STATE_MASK = (1L << COUNTER_SHIFT) - 1;
    /** Three hundred grace periods before the first wrap to zero, so that wrapping is exercised. */
    static final long INITIAL = -(300L << COUNTER_SHIFT);

    private GpSeq() {}

    /** The state bits: 0 if no grace period runs. */
    static long state(long seq) {
        return seq & STATE_MASK;
    }

    /** The number once the next grace period has started. */
    static long started(long seq) {
        return seq + 1;
    }

    /** The number once the running grace period has ended. */
    static long ended(long seq) {
        return (seq | STATE_MASK) + 1;
    }

    /** The number that, once reached, proves that a whole grace period has passed since {@code seq} was loaded. */
    static long snap(long seq) {
        return (seq + 2 * STATE_MASK + 1) & ~STATE_MASK;
    }

    /** True if {@code seq} has reached {@code snap}. */
    static boolean done(long seq, long snap) {
        return seq - snap >= 0;
    }

    /** True if {@code a} is before {@code b}. */
    static boolean before(long a, long b) {
        return a - b < 0;
    }

    /** True if the grace period that ends at {@code end} has started by {@code seq}. */
    static boolean hasStarted(long seq, long end) {
        return before((end - 1) & ~STATE_MASK, seq);
    }

    /** True if a grace period ended between {@code old} and {@code now}. */
    static boolean endedBetween(long old, long now) {
        return before(old, now & ~STATE_MASK);
    }

    /** True if a grace period started between {@code old} and {@code now}. */
    static boolean startedBetween(long old, long now) {
        return before((old + STATE_MASK) & ~STATE_MASK, now);
    }
}

package kemu.hw.order;

/**
 * How a read-modify-write, load or store orders its neighbours. An order is an {@code int}: the kind in the low two
 * bits, the name of the barrier (an id of {@link Barriers}, 0 for none) above. Constants fold in compiled code.
 */
public final class Order {
    /** Full: ordered against everything before and after. What value-returning atomics have by default. */
    public static final int FULL = 0;
    /** Acquire: everything later stays after it. */
    public static final int ACQUIRE = 1;
    /** Release: everything earlier stays before it. */
    public static final int RELEASE = 2;
    /** Relaxed: atomic, orders nothing. */
    public static final int RELAXED = 3;

    private static final int KIND_MASK = 3;
    private static final int KIND_BITS = 2;

    private Order() {}

    /** The kind of {@code order}. */
    public static int kind(int order) {
        return order & KIND_MASK;
    }

    /** True if {@code order} is full. */
    public static boolean isFull(int order) {
        return (order & KIND_MASK) == FULL;
    }

    /** The barrier id carried by {@code order}, 0 for none. */
    public static int barrier(int order) {
        return order >>> KIND_BITS;
    }

    static int named(int kind, int barrier) {
        return barrier << KIND_BITS | kind;
    }
}

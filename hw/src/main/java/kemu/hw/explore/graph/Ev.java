package kemu.hw.explore.graph;

import kemu.hw.cache.Granule;
import kemu.hw.cache.Rmw;
import kemu.hw.cpu.Tape;
import kemu.hw.order.Order;

/**
 * What one CPU does that others can notice.
 *
 * @param cpu whose it is
 * @param at its place in program order, from 0
 * @param leader place of the event that begins the step it belongs to, -1 before the first
 * @param kind see the constants
 * @param address of the word, 0 of a fence
 * @param width bytes of the word
 * @param order kind of {@link Order}
 * @param own true if nothing of the word is buffered or old
 * @param source place of the event that loaded the address, -1 if none did
 * @param op of an atomic, as in {@link Tape#atomic}
 * @param operand of an atomic
 * @param expected of an atomic that compares, or what a wait compares with
 * @param mask of a wait
 * @param equal true if a wait is for equality
 * @param value what it read, or wrote
 */
record Ev(
        int cpu,
        int at,
        int leader,
        int kind,
        long address,
        int width,
        int order,
        boolean own,
        int source,
        int op,
        long operand,
        long expected,
        long mask,
        boolean equal,
        long value) {
    static final int LOAD = 0;
    static final int STORE = 1;
    /** The load of an atomic. */
    static final int ATOMIC = 2;
    /** The store of an atomic, which comes with its load. */
    static final int PART = 3;

    static final int FENCE = 4;
    /** A wait that is over. */
    static final int AWAIT = 5;

    boolean reads() {
        return kind == LOAD || kind == ATOMIC || kind == AWAIT;
    }

    boolean writes() {
        return kind == STORE || kind == PART;
    }

    /** The bits of its granule that it is about. */
    long bits() {
        return Granule.mask(address, width);
    }

    /** True if an atomic that finds {@code old} stores. */
    boolean stores(long old) {
        return op != Tape.COMPARE || old == expected;
    }

    /** True if {@code seen} ends the wait. */
    boolean fits(long seen) {
        return ((seen & mask) == expected) == equal;
    }

    /** The store of this atomic when it finds {@code old}. */
    Ev part(long old) {
        long put = op == Tape.COMPARE ? operand : Rmw.apply(op, old, operand);
        return new Ev(
                cpu,
                at + 1,
                at,
                PART,
                address,
                width,
                order,
                own,
                -1,
                op,
                operand,
                expected,
                0,
                false,
                cut(put, width));
    }

    /** {@code value} as a word of {@code width} bytes holds it. */
    static long cut(long value, int width) {
        return width == Long.BYTES ? value : (int) value;
    }

    /** True if {@code other} is the same event of another execution, in which it may have read something else. */
    boolean same(Ev other) {
        return cpu == other.cpu
                && at == other.at
                && kind == other.kind
                && address == other.address
                && width == other.width
                && (order == other.order || kind == AWAIT);
    }
}

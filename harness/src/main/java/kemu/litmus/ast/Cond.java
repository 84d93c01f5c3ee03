package kemu.litmus.ast;

import java.util.function.ToLongFunction;

/** A proposition about a final state. */
public sealed interface Cond {
    /** Always true. */
    record True() implements Cond {}

    /** {@code left} holds {@code right}. */
    record Equal(Item left, Item right) implements Cond {}

    /** Negation. */
    record Not(Cond of) implements Cond {}

    /** Both. */
    record And(Cond left, Cond right) implements Cond {}

    /** Either. */
    record Or(Cond left, Cond right) implements Cond {}

    /** Whether it holds when {@code state} tells the value of an item. */
    default boolean holds(ToLongFunction<Item> state) {
        if (this instanceof Equal e) {
            return state.applyAsLong(e.left) == state.applyAsLong(e.right);
        }
        if (this instanceof Not n) {
            return !n.of.holds(state);
        }
        if (this instanceof And a) {
            return a.left.holds(state) && a.right.holds(state);
        }
        if (this instanceof Or o) {
            return o.left.holds(state) || o.right.holds(state);
        }
        return true;
    }
}

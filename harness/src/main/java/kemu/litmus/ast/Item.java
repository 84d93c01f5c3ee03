package kemu.litmus.ast;

import java.util.Comparator;

/** Something with a value in a final state, or a value. */
public sealed interface Item {
    /** Order in which herd7 lists the items of a state: registers by process, then locations. */
    Comparator<Item> ORDER = Comparator.comparingInt((Item item) -> item instanceof Reg ? 0 : 1)
            .thenComparingInt(item -> item instanceof Reg r ? r.process : 0)
            .thenComparing(Item::label);

    /** A local variable of a process. */
    record Reg(int process, String name) implements Item {}

    /** A location; {@code index} counts elements of an array. */
    record Loc(String name, int index) implements Item {}

    /** A number. */
    record Num(long value) implements Item {}

    /** The address of a location, {@code index} words after that of {@code name}. */
    record Address(String name, long index) implements Item {}

    /** What stands at the beginning of an array, as an initial value: its address. Only while a file is read. */
    record Content(String name) implements Item {}

    /** As printed. */
    default String label() {
        if (this instanceof Reg r) {
            return r.process + ":" + r.name;
        }
        if (this instanceof Loc l) {
            return l.index == 0 ? "[" + l.name + "]" : l.name + "[" + l.index + "]";
        }
        if (this instanceof Num n) {
            return Long.toString(n.value);
        }
        if (this instanceof Content c) {
            return "*(&" + c.name + ")";
        }
        Address a = (Address) this;
        return a.index == 0 ? a.name : a.name + "+" + a.index;
    }
}

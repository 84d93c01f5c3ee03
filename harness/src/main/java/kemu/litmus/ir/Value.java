package kemu.litmus.ir;

/** What can be computed from registers alone, without an effect. */
public sealed interface Value {
    /** Zero, false, NULL. */
    Value ZERO = new Const(0);
    /** One, true. */
    Value ONE = new Const(1);

    /** A number. */
    record Const(long number) implements Value {}

    /** The address of the shared variable {@code name}. */
    record Address(String name) implements Value {}

    /** What register {@code number} holds. */
    record Register(int number) implements Value {}

    /** Two values joined. */
    record Binary(Operator operator, Value left, Value right) implements Value {}

    /** {@code value}, chosen by a branch on {@code test}: whatever depends on it depends on the test as well. */
    record Chosen(Value value, Value test) implements Value {}

    /** {@code left operator right}. */
    static Value of(Operator operator, Value left, Value right) {
        return new Binary(operator, left, right);
    }

    /** A number. */
    static Value of(long number) {
        return number == 0 ? ZERO : number == 1 ? ONE : new Const(number);
    }
}

package kemu.litmus.dialect;

/** What a primitive takes in the place of an argument. */
public enum Argument {
    /** A value. */
    VALUE,
    /** A pointer to what it works on. */
    POINTER,
    /** The thing itself, as a macro does: {@code *x}. */
    PLACE,
    /** The address of a local variable. */
    LOCAL,
    /** A local variable that it fills in with what nobody looks at: saved flags. Need not be declared. */
    FLAGS,
    /** A condition on the variable {@code VAL}, computed as often as needed. */
    CONDITION,
    /** What is for the lock validator, and not computed here. */
    UNUSED
}

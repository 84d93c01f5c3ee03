package kemu.litmus.dialect;

import java.util.List;
import kemu.litmus.ir.Operation;
import kemu.litmus.ir.Value;

/**
 * An argument as it was given.
 *
 * @param value its value; an address where the primitive takes a pointer, a place or a local variable's register
 * @param before what computes a condition; else empty
 */
public record Given(Value value, List<Operation> before) {
    /** A value that has been computed. */
    public static Given of(Value value) {
        return new Given(value, List.of());
    }
}

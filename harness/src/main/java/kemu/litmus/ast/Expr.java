package kemu.litmus.ast;

import java.util.List;

/** An expression of the C dialect. */
public sealed interface Expr {
    /** An integer literal. */
    record Num(long value) implements Expr {}

    /** A variable or a parameter. */
    record Name(String name, int line) implements Expr {}

    /** {@code *}, {@code &}, {@code -}, {@code +}, {@code !} or {@code ~} of an expression. */
    record Unary(String op, Expr of, int line) implements Expr {}

    /** {@code left op right}; also {@code &&}, {@code ||} and the comma. */
    record Binary(String op, Expr left, Expr right) implements Expr {}

    /** {@code test ? yes : no}. */
    record Ternary(Expr test, Expr yes, Expr no) implements Expr {}

    /** {@code array[index]}. */
    record Index(Expr array, Expr index, int line) implements Expr {}

    /** {@code (type) of}; {@code bits} is the width to cut down to, 64 for none. */
    record Cast(int bits, boolean signed, Expr of) implements Expr {}

    /** {@code target op= value}; {@code op} is empty for a plain assignment. */
    record Assign(String op, Expr target, Expr value, int line) implements Expr {}

    /**
     * {@code ++}, {@code --} on a variable or location, by {@code step}; {@code old} when the old value is the result.
     */
    record Step(Expr target, int step, boolean old, int line) implements Expr {}

    /** A primitive of the kernel. */
    record Call(String function, List<Expr> arguments, int line) implements Expr {}
}

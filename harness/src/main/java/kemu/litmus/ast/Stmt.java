package kemu.litmus.ast;

import java.util.List;

/** A statement of the C dialect. */
public sealed interface Stmt {
    /** An expression for its effects. */
    record Eval(Expr expr) implements Stmt {}

    /** A local variable; {@code initial} may be null. */
    record Declare(String name, Expr initial, int line) implements Stmt {}

    /** Statements in order. */
    record Block(List<Stmt> body) implements Stmt {}

    /** {@code no} may be null. */
    record If(Expr test, Stmt yes, Stmt no) implements Stmt {}

    /** Any loop: {@code before} and {@code after} may be null, {@code testFirst} is false for {@code do}. */
    record Loop(Stmt before, Expr test, Expr after, Stmt body, boolean testFirst, int line) implements Stmt {}

    /** {@code break}, {@code continue} or {@code return}. */
    record Leave(String how, int line) implements Stmt {}
}

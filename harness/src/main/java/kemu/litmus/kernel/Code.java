package kemu.litmus.kernel;

/** A compiled expression or statement of a process. */
@FunctionalInterface
interface Code {
    /** Result of a statement: go on with the next. */
    int NEXT = 0;
    /** Result of a statement: leave the loop. */
    int BREAK = 1;
    /** Result of a statement: go on with the loop's next turn. */
    int CONTINUE = 2;
    /** Result of a statement: leave the process. */
    int RETURN = 3;

    /** Executes it; the value of an expression, or how a statement ended. */
    long run(Local local);
}

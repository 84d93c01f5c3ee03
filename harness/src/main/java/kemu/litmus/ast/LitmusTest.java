package kemu.litmus.ast;

import java.util.List;

/**
 * A test: initial values, processes, and what is asked of the final states.
 *
 * @param file where it comes from, for messages
 * @param source the whole text of it
 * @param name as in its first line
 * @param globals shared variables of the init section, in order
 * @param registers initial values of local variables
 * @param processes P0, P1, ...
 * @param locations what to show besides the items of the condition
 * @param filter states that count; null for all
 * @param questionLine line at which filter and condition begin
 * @param quantifier {@code exists}, {@code ~exists} or {@code forall}
 * @param condition the proposition
 * @param text the condition as written, on one line
 */
public record LitmusTest(
        String file,
        String source,
        String name,
        List<Global> globals,
        List<Register> registers,
        List<Process> processes,
        List<Item> locations,
        Cond filter,
        int questionLine,
        String quantifier,
        Cond condition,
        String text) {

    /** A shared variable with the initial values of its elements ({@link Item.Num} or {@link Item.Address}). */
    public record Global(String name, int elements, List<Item> initial, int line) {}

    /** A local variable that the init section declares; {@code value} is null if it gives none. */
    public record Register(Item.Reg register, Item value, int line) {}

    /** One process; every parameter is the address of the shared variable of its name. */
    public record Process(int number, List<String> parameters, Stmt body, int line) {}

    /** The same with another quantifier. */
    public LitmusTest asking(String other) {
        return new LitmusTest(
                file,
                source,
                name,
                globals,
                registers,
                processes,
                locations,
                filter,
                questionLine,
                other,
                condition,
                text);
    }
}

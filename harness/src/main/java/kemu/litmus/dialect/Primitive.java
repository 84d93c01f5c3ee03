package kemu.litmus.dialect;

import java.util.List;
import kemu.litmus.ir.MemoryOrder;

/**
 * A row of the table.
 *
 * @param name as it is called
 * @param order what it keeps in order
 * @param arguments what it takes
 * @param meaning the operations it lowers to
 * @param notExecuted why the kernel engine refuses it; null if it does not
 * @param notDerived why the engine of the axioms refuses it; null if it does not
 */
public record Primitive(
        String name,
        MemoryOrder order,
        List<Argument> arguments,
        Meaning meaning,
        String notExecuted,
        String notDerived) {

    /** The local variable that conditions speak of. */
    public static final String SEEN = "VAL";

    /** A row that both engines know. */
    static Primitive row(String name, MemoryOrder order, List<Argument> arguments, Meaning meaning) {
        return new Primitive(name, order, arguments, meaning, null, null);
    }

    /** Why {@code engine} refuses it; null if it does not. */
    public String refusal(Engine engine) {
        return engine == Engine.AXIOMS ? notDerived : notExecuted;
    }

    Primitive notExecuted(String why) {
        return new Primitive(name, order, arguments, meaning, why, notDerived);
    }

    /** Whether it can be the left side of an assignment. */
    public boolean isPlace() {
        return name.equals("ACCESS_ONCE");
    }
}

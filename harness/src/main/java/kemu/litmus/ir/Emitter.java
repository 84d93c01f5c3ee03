package kemu.litmus.ir;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kemu.litmus.ir.Value.Register;

/** Takes down the operations of a routine, in order. */
public final class Emitter {
    private final Map<String, Integer> named = new LinkedHashMap<>();
    private int registers;
    private List<Operation> body = new ArrayList<>();
    private int line;

    /** Says which line of the file the next operations come from. */
    public void at(int number) {
        line = number;
    }

    /** Line of the next operations. */
    public int line() {
        return line;
    }

    /** The next operation. */
    public void emit(Operation operation) {
        body.add(operation);
    }

    /** A register without a name. */
    public Register fresh() {
        return new Register(registers++);
    }

    /** The register of that name. */
    public Register named(String name) {
        return new Register(named.computeIfAbsent(name, n -> registers++));
    }

    /** Whether {@code value} may change by an assignment: it speaks of a register that has a name. */
    public boolean mayChange(Value value) {
        if (value instanceof Register register) {
            return named.containsValue(register.number());
        }
        if (value instanceof Value.Binary binary) {
            return mayChange(binary.left()) || mayChange(binary.right());
        }
        return value instanceof Value.Chosen chosen && (mayChange(chosen.value()) || mayChange(chosen.test()));
    }

    /** {@code value} as it is now. */
    public Value keep(Value value) {
        if (!mayChange(value)) {
            return value;
        }
        Register kept = fresh();
        emit(new Operation.Assign(kept.number(), value, line));
        return kept;
    }

    /** What {@code part} emits, apart from the rest. */
    public List<Operation> apart(Runnable part) {
        List<Operation> outside = body;
        body = new ArrayList<>();
        part.run();
        List<Operation> inside = List.copyOf(body);
        body = outside;
        return inside;
    }

    /** All of it, as what process {@code number} with {@code parameters} does, which begins at {@code start}. */
    public Routine routine(int number, List<String> parameters, int start) {
        return new Routine(number, parameters, Map.copyOf(named), registers, List.copyOf(body), start);
    }
}

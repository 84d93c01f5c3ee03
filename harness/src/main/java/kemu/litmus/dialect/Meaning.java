package kemu.litmus.dialect;

import java.util.List;
import kemu.litmus.ir.Emitter;
import kemu.litmus.ir.MemoryOrder;
import kemu.litmus.ir.Value;

/** What a primitive means: the operations it lowers to. */
@FunctionalInterface
public interface Meaning {
    /** Emits the operations of one call; returns its value, which is read before the next assignment. */
    Value emit(Emitter code, MemoryOrder order, List<Given> arguments);
}

package kemu.litmus.kernel;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import kemu.litmus.ir.Operation;
import kemu.litmus.ir.Routine;
import kemu.litmus.ir.Value;

/** Where the values of a routine's registers come from, whatever way it takes. */
final class Origins {
    private final List<List<Value>> assigned = new ArrayList<>();
    /** Registers that some load fills in. */
    private final BitSet loaded = new BitSet();
    /** Registers that something else fills in. */
    private final BitSet other = new BitSet();

    Origins(Routine routine) {
        for (int i = 0; i < routine.registers(); i++) {
            assigned.add(new ArrayList<>());
        }
        routine.body().forEach(this::collect);
    }

    /** Whether {@code value} is the same in every execution: no memory has a part in it. */
    boolean isFixed(Value value) {
        return isFixed(value, new BitSet());
    }

    private boolean isFixed(Value value, BitSet looking) {
        if (value instanceof Value.Register register) {
            int number = register.number();
            if (loaded.get(number) || other.get(number)) {
                return false;
            }
            if (looking.get(number)) {
                return true;
            }
            looking.set(number);
            return assigned.get(number).stream().allMatch(one -> isFixed(one, looking));
        }
        if (value instanceof Value.Binary binary) {
            return isFixed(binary.left(), looking) && isFixed(binary.right(), looking);
        }
        return !(value instanceof Value.Chosen chosen)
                || isFixed(chosen.value(), looking) && isFixed(chosen.test(), looking);
    }

    /** Whether {@code value} is fixed or exactly what some load returned, so that hardware sees the dependency. */
    boolean isLoaded(Value value) {
        return isLoaded(value, new BitSet());
    }

    private boolean isLoaded(Value value, BitSet looking) {
        if (value instanceof Value.Register register) {
            int number = register.number();
            if (other.get(number)) {
                return false;
            }
            if (looking.get(number)) {
                return true;
            }
            looking.set(number);
            return assigned.get(number).stream().allMatch(one -> isLoaded(one, looking));
        }
        return isFixed(value);
    }

    private void collect(Operation operation) {
        if (operation instanceof Operation.Assign assign) {
            assigned.get(assign.to()).add(assign.value());
        } else if (operation instanceof Operation.Load load) {
            loaded.set(load.to());
        } else if (operation instanceof Operation.Rmw rmw) {
            other.set(rmw.old());
        } else if (operation instanceof Operation.CompareExchange compare) {
            other.set(compare.old());
        } else if (operation instanceof Operation.AddIf add) {
            other.set(add.old());
            other.set(add.done());
        } else if (operation instanceof Operation.Await await) {
            other.set(await.seen());
            await.test().forEach(this::collect);
        } else if (operation instanceof Operation.Lock lock && lock.to() != Operation.NOWHERE) {
            other.set(lock.to());
        } else if (operation instanceof Operation.If branch) {
            branch.yes().forEach(this::collect);
            branch.no().forEach(this::collect);
        } else if (operation instanceof Operation.Loop loop) {
            loop.test().forEach(this::collect);
            loop.body().forEach(this::collect);
            loop.after().forEach(this::collect);
        }
    }
}

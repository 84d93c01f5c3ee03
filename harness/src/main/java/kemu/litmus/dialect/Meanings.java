package kemu.litmus.dialect;

import static kemu.litmus.ir.Operation.NOWHERE;

import java.util.List;
import kemu.litmus.ir.Emitter;
import kemu.litmus.ir.Marking;
import kemu.litmus.ir.MemoryOrder;
import kemu.litmus.ir.Operation;
import kemu.litmus.ir.Operator;
import kemu.litmus.ir.Value;

/** The building blocks of the table: what primitives have in common. */
final class Meanings {
    /** What an atomic gives back, from what was there before and is afterwards. */
    interface Result {
        Value of(Value old, Value now);
    }

    static final Result OLD = (old, now) -> old;
    static final Result NEW = (old, now) -> now;
    static final Result ZERO_NOW = (old, now) -> Value.of(Operator.EQ, now, Value.ZERO);
    static final Result NEGATIVE_NOW = (old, now) -> Value.of(Operator.LT, now, Value.ZERO);

    private Meanings() {}

    private static Value arg(List<Given> given, int index) {
        return given.get(index).value();
    }

    static Meaning fence(Operation.Fence.Kind kind) {
        return (code, order, given) -> {
            code.emit(new Operation.Fence(kind, code.line()));
            return Value.ZERO;
        };
    }

    static Meaning rcu(Operation.Rcu.Action action) {
        return (code, order, given) -> {
            code.emit(new Operation.Rcu(action, code.line()));
            return Value.ZERO;
        };
    }

    static Meaning value() {
        return (code, order, given) -> arg(given, 0);
    }

    static Meaning load(Marking marking) {
        return (code, order, given) -> {
            Value.Register to = code.fresh();
            code.emit(new Operation.Load(to.number(), arg(given, 0), marking, order, code.line()));
            return to;
        };
    }

    static Meaning store(Marking marking) {
        return (code, order, given) -> {
            code.emit(new Operation.Store(arg(given, 0), arg(given, 1), marking, order, code.line()));
            return Value.ZERO;
        };
    }

    static Meaning then(Meaning first, Meaning second) {
        return (code, order, given) -> {
            Value value = first.emit(code, order, given);
            second.emit(code, order, given);
            return value;
        };
    }

    static Meaning await() {
        return (code, order, given) -> {
            Value.Register seen = code.named(Primitive.SEEN);
            code.emit(new Operation.Await(
                    seen.number(), arg(given, 0), order, given.get(1).before(), arg(given, 1), code.line()));
            return seen;
        };
    }

    // ---- locks and SRCU -------------------------------------------------------------------------------------------

    static Meaning lock(Operation.Lock.Action action) {
        return (code, order, given) -> {
            code.emit(new Operation.Lock(action, NOWHERE, arg(given, 0), code.line()));
            return Value.ZERO;
        };
    }

    static Meaning asks(Operation.Lock.Action action) {
        return (code, order, given) -> {
            Value.Register to = code.fresh();
            code.emit(new Operation.Lock(action, to.number(), arg(given, 0), code.line()));
            return to;
        };
    }

    static Meaning srcuLock(boolean passedOn) {
        return (code, order, given) -> {
            Value.Register to = code.fresh();
            srcu(code, Operation.Srcu.Action.READ_LOCK, to.number(), given, Value.ZERO, passedOn);
            return to;
        };
    }

    static Meaning srcuUnlock(boolean passedOn) {
        return (code, order, given) -> {
            srcu(code, Operation.Srcu.Action.READ_UNLOCK, NOWHERE, given, arg(given, 1), passedOn);
            return Value.ZERO;
        };
    }

    static Meaning srcuSynchronize() {
        return (code, order, given) -> {
            srcu(code, Operation.Srcu.Action.SYNCHRONIZE, NOWHERE, given, Value.ZERO, false);
            return Value.ZERO;
        };
    }

    private static void srcu(
            Emitter code, Operation.Srcu.Action action, int to, List<Given> given, Value cookie, boolean passedOn) {
        code.emit(new Operation.Srcu(action, to, arg(given, 0), cookie, passedOn, code.line()));
    }

    // ---- atomics --------------------------------------------------------------------------------------------------

    /** {@code (i, v)}: v becomes v {@code change} i. */
    static Meaning rmw(Operator change, Result result) {
        return (code, order, given) -> rmw(code, order, arg(given, 1), change, arg(given, 0), result);
    }

    /** {@code (v)}: v becomes v {@code change} 1. */
    static Meaning step(Operator change, Result result) {
        return (code, order, given) -> rmw(code, order, arg(given, 0), change, Value.ONE, result);
    }

    /** {@code (i, v)}: v loses the bits of i. */
    static Meaning clear(Result result) {
        return (code, order, given) -> {
            Value kept = Value.of(Operator.XOR, arg(given, 0), Value.of(-1));
            return rmw(code, order, arg(given, 1), Operator.AND, kept, result);
        };
    }

    /** {@code (v, i)}: v becomes i. */
    static Meaning exchange() {
        return (code, order, given) -> rmw(code, order, arg(given, 0), null, arg(given, 1), OLD);
    }

    /** Null as {@code result}: the atomic tells nothing, and orders nothing. */
    private static Value rmw(
            Emitter code, MemoryOrder order, Value address, Operator change, Value operand, Result result) {
        Value.Register old = code.fresh();
        MemoryOrder kept = result == null ? MemoryOrder.RELAXED : order;
        code.emit(new Operation.Rmw(old.number(), address, change, operand, result != null, kept, code.line()));
        return result == null ? Value.ZERO : result.of(old, change == null ? operand : Value.of(change, old, operand));
    }

    /** {@code (v, expected, desired)}: what was seen. */
    static Meaning compareExchange() {
        return (code, order, given) -> compareExchange(code, order, arg(given, 0), arg(given, 1), arg(given, 2));
    }

    private static Value compareExchange(
            Emitter code, MemoryOrder order, Value address, Value expected, Value desired) {
        Value.Register old = code.fresh();
        code.emit(new Operation.CompareExchange(old.number(), address, expected, desired, order, code.line()));
        return old;
    }

    /** {@code (v, &expected, desired)}: whether it was; then the local variable takes what was seen. */
    static Meaning tryCompareExchange() {
        return (code, order, given) -> {
            Value.Register local = (Value.Register) arg(given, 1);
            Value expected = code.keep(local);
            Value seen = compareExchange(code, order, arg(given, 0), expected, arg(given, 2));
            code.emit(new Operation.Assign(local.number(), seen, code.line()));
            return Value.of(Operator.EQ, seen, expected);
        };
    }

    /** {@code (v, i, limit)}: adds i unless v is the limit; tells what was there, or whether it did. */
    static Meaning addUnless(boolean tellsOld) {
        return (code, order, given) ->
                addIf(code, order, arg(given, 0), Operator.NE, arg(given, 2), arg(given, 1), tellsOld);
    }

    /** {@code (v)}: adds {@code by} if v {@code relation} {@code limit}; tells whether it did. */
    static Meaning addIf(Operator relation, long limit, long by) {
        return (code, order, given) ->
                addIf(code, order, arg(given, 0), relation, Value.of(limit), Value.of(by), false);
    }

    private static Value addIf(
            Emitter code,
            MemoryOrder order,
            Value address,
            Operator relation,
            Value limit,
            Value by,
            boolean tellsOld) {
        Value.Register old = code.fresh();
        Value.Register done = code.fresh();
        Value when = Value.of(relation, old, limit);
        code.emit(new Operation.AddIf(old.number(), done.number(), address, when, by, order, code.line()));
        return tellsOld ? old : done;
    }
}

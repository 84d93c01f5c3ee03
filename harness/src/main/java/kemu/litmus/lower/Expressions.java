package kemu.litmus.lower;

import java.util.ArrayList;
import java.util.List;
import kemu.litmus.ast.Expr;
import kemu.litmus.ast.LitmusException;
import kemu.litmus.ast.LitmusTest;
import kemu.litmus.dialect.Argument;
import kemu.litmus.dialect.Dialect;
import kemu.litmus.dialect.Engine;
import kemu.litmus.dialect.Given;
import kemu.litmus.dialect.Primitive;
import kemu.litmus.ir.Emitter;
import kemu.litmus.ir.Marking;
import kemu.litmus.ir.MemoryOrder;
import kemu.litmus.ir.Operation;
import kemu.litmus.ir.Operator;
import kemu.litmus.ir.Value;

/** Lowers expressions: effects become operations, in the order of C; what is left is the value. */
final class Expressions {
    private final LitmusTest.Process process;
    private final Engine engine;
    private final Emitter code;

    Expressions(LitmusTest.Process process, Engine engine, Emitter code) {
        this.process = process;
        this.engine = engine;
        this.code = code;
    }

    /** For the effects alone. */
    void discard(Expr expr) {
        value(expr);
    }

    /** The value of {@code expr}, to be read before the next assignment. */
    Value value(Expr expr) {
        if (expr instanceof Expr.Num n) {
            return Value.of(n.value());
        }
        if (expr instanceof Expr.Name n) {
            return name(n.name());
        }
        if (expr instanceof Expr.Call call) {
            return call(call);
        }
        if (expr instanceof Expr.Binary b) {
            return binary(b);
        }
        if (expr instanceof Expr.Cast cast) {
            return cast(cast);
        }
        if (expr instanceof Expr.Ternary t) {
            Value test = code.keep(value(t.test()));
            return branch(test, () -> value(t.yes()), () -> value(t.no()));
        }
        if (expr instanceof Expr.Unary u) {
            return unary(u);
        }
        if (expr instanceof Expr.Assign a) {
            return assign(a);
        }
        if (expr instanceof Expr.Step s) {
            return update(s.target(), Operator.ADD, new Expr.Num(s.step()), s.old(), s.line());
        }
        Expr.Index index = (Expr.Index) expr;
        return load(address(index, index.line()), Marking.PLAIN, index.line());
    }

    private Value name(String name) {
        if (isParameter(name)) {
            return new Value.Address(name);
        }
        return name.equals(Names.NULL) ? Value.ZERO : code.named(name);
    }

    private boolean isParameter(String name) {
        return process.parameters().contains(name);
    }

    private Value cast(Expr.Cast cast) {
        Value value = value(cast.of());
        if (cast.bits() >= Integer.SIZE) {
            // Int and long are one.
            return value;
        }
        return Value.of(Operator.CUT, value, Value.of(cast.signed() ? cast.bits() : -cast.bits()));
    }

    private Value unary(Expr.Unary u) {
        switch (u.op()) {
            case "*":
                return load(address(u, u.line()), Marking.PLAIN, u.line());
            case "&":
                // The address of a parameter is not that of a shared variable; authors who write it mean the latter.
                boolean shared = u.of() instanceof Expr.Name n && isParameter(n.name());
                return shared ? value(u.of()) : address(u.of(), u.line());
            case "!":
                return Value.of(Operator.EQ, value(u.of()), Value.ZERO);
            case "~":
                return Value.of(Operator.XOR, value(u.of()), Value.of(-1));
            case "-":
                return Value.of(Operator.SUB, Value.ZERO, value(u.of()));
            default:
                return value(u.of());
        }
    }

    private Value binary(Expr.Binary b) {
        if (b.op().equals(",")) {
            discard(b.left());
            return value(b.right());
        }
        boolean and = b.op().equals("&&");
        if ((and || b.op().equals("||")) && !isPure(b.right())) {
            Value test = code.keep(value(b.left()));
            Part right = () -> Value.of(Operator.NE, value(b.right()), Value.ZERO);
            return and ? branch(test, right, () -> Value.ZERO) : branch(test, () -> Value.ONE, right);
        }
        Value left = before(value(b.left()), b.right());
        return Value.of(Operator.of(b.op()), left, value(b.right()));
    }

    /** A part of an expression. */
    private interface Part {
        Value value();
    }

    private Value branch(Value test, Part yes, Part no) {
        Value.Register result = code.fresh();
        int line = code.line();
        List<Operation> first = code.apart(() -> set(result, yes.value()));
        List<Operation> second = code.apart(() -> set(result, no.value()));
        code.emit(new Operation.If(test, first, second, line));
        return new Value.Chosen(result, test);
    }

    private void set(Value.Register register, Value value) {
        code.emit(new Operation.Assign(register.number(), value, code.line()));
    }

    /** {@code value}, which was computed before {@code next} is. */
    private Value before(Value value, Expr next) {
        return isPure(next) ? value : code.keep(value);
    }

    private static boolean isPure(Expr e) {
        if (e instanceof Expr.Unary u) {
            return !u.op().equals("*") && isPure(u.of());
        }
        return e instanceof Expr.Num
                || e instanceof Expr.Name
                || e instanceof Expr.Cast c && isPure(c.of())
                || e instanceof Expr.Binary b && isPure(b.left()) && isPure(b.right());
    }

    // ---- memory ---------------------------------------------------------------------------------------------------

    private Value load(Value address, Marking marking, int line) {
        code.at(line);
        Value.Register to = code.fresh();
        code.emit(new Operation.Load(to.number(), address, marking, MemoryOrder.RELAXED, line));
        return to;
    }

    private void store(Value address, Value value, Marking marking, int line) {
        code.at(line);
        code.emit(new Operation.Store(address, value, marking, MemoryOrder.RELAXED, line));
    }

    private Value assign(Expr.Assign a) {
        if (!a.op().isEmpty()) {
            return update(a.target(), Operator.of(a.op()), a.value(), false, a.line());
        }
        if (a.target() instanceof Expr.Name n) {
            Value.Register register = variable(n, a.line());
            Value value = value(a.value());
            code.at(a.line());
            set(register, value);
            return register;
        }
        Value value = before(value(a.value()), a.target());
        store(address(a.target(), a.line()), value, marking(a.target()), a.line());
        return value;
    }

    private Value update(Expr target, Operator how, Expr by, boolean tellsOld, int line) {
        code.at(line);
        if (target instanceof Expr.Name n) {
            Value.Register register = variable(n, line);
            Value old = tellsOld ? code.keep(register) : before(register, by);
            set(register, Value.of(how, old, value(by)));
            return tellsOld ? old : register;
        }
        Value address = before(address(target, line), by);
        Value old = load(address, marking(target), line);
        Value now = Value.of(how, old, value(by));
        store(address, now, marking(target), line);
        return tellsOld ? old : now;
    }

    private Value.Register variable(Expr.Name n, int line) {
        if (isParameter(n.name())) {
            throw new LitmusException(line, "assignment to the parameter '" + n.name() + "'");
        }
        return code.named(n.name());
    }

    private static Marking marking(Expr place) {
        return place instanceof Expr.Call ? Marking.ONCE : Marking.PLAIN;
    }

    /** Address of a place in memory. */
    private Value address(Expr place, int line) {
        if (place instanceof Expr.Unary u && u.op().equals("*")) {
            return value(u.of());
        }
        if (place instanceof Expr.Index i) {
            Value array = before(value(i.array()), i.index());
            return Value.of(Operator.ADD, array, value(i.index()));
        }
        if (place instanceof Expr.Cast c) {
            return address(c.of(), line);
        }
        if (place instanceof Expr.Call call && find(call).isPlace()) {
            return address(call.arguments().get(0), line);
        }
        throw new LitmusException(line, "not a location in shared memory");
    }

    // ---- primitives -----------------------------------------------------------------------------------------------

    private Primitive find(Expr.Call call) {
        Primitive primitive = Dialect.find(call.function());
        if (primitive == null) {
            throw new LitmusException(call.line(), engine.unsupported() + call.function());
        }
        if (primitive.refusal(engine) != null) {
            throw new LitmusException(
                    call.line(), engine.unsupported() + call.function() + " (" + primitive.refusal(engine) + ")");
        }
        int takes = primitive.arguments().size();
        if (call.arguments().size() != takes) {
            throw new LitmusException(
                    call.line(),
                    call.function() + " takes " + takes + " arguments, not "
                            + call.arguments().size());
        }
        return primitive;
    }

    private Value call(Expr.Call call) {
        Primitive primitive = find(call);
        code.at(call.line());
        List<Given> given = new ArrayList<>();
        for (int i = 0; i < call.arguments().size(); i++) {
            given.add(given(call, i, primitive.arguments().get(i)));
        }
        code.at(call.line());
        return primitive.meaning().emit(code, primitive.order(), given);
    }

    private Given given(Expr.Call call, int index, Argument kind) {
        Expr argument = call.arguments().get(index);
        return switch (kind) {
            case PLACE -> Given.of(kept(address(argument, call.line()), call, index));
            case VALUE, POINTER -> Given.of(kept(value(argument), call, index));
            case LOCAL -> Given.of(local(call, argument));
            case CONDITION -> {
                Value[] holds = new Value[1];
                List<Operation> test = code.apart(() -> holds[0] = value(argument));
                yield new Given(holds[0], test);
            }
            case FLAGS, UNUSED -> Given.of(Value.ZERO);
        };
    }

    /** An argument that has been computed before those that follow. */
    private Value kept(Value value, Expr.Call call, int index) {
        List<Expr> later = call.arguments().subList(index + 1, call.arguments().size());
        return later.stream().allMatch(Expressions::isPure) ? value : code.keep(value);
    }

    private Value local(Expr.Call call, Expr argument) {
        if (argument instanceof Expr.Unary u && u.op().equals("&") && u.of() instanceof Expr.Name local) {
            return variable(local, call.line());
        }
        throw new LitmusException(call.line(), call.function() + ": expected the address of a local variable");
    }
}

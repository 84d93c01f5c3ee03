package kemu.litmus.path;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kemu.litmus.LitmusException;
import kemu.litmus.ast.Expr;

/**
 * xchg, cmpxchg and the atomic_ families. A value-returning one without a suffix is ordered as if a full barrier stood
 * on each side; one that fails orders nothing; one that returns nothing orders nothing.
 */
final class Atomics {
    private static final Pattern NAME =
            Pattern.compile("(?:(?:raw_|arch_)?atomic(?:64|_long)?_)?([a-z0-9_]+?)(_relaxed|_acquire|_release|_mb)?");
    private static final Pattern SIMPLE = Pattern.compile("(fetch_)?(add|sub|and|or|xor|andnot|inc|dec)(_return)?");

    private final Walker walker;

    Atomics(Walker walker) {
        this.walker = walker;
    }

    /** Null if {@code call} is none of them. */
    Val call(Expr.Call call) {
        String function = call.function();
        Matcher name = NAME.matcher(function);
        if (!name.matches()) {
            return null;
        }
        boolean atomic = function.contains("atomic");
        String base = name.group(1);
        String order = name.group(2) == null ? "_mb" : name.group(2);
        if (base.equals("xchg") || base.equals("cmpxchg") || base.equals("cmpxchg64")) {
            return base.equals("xchg") ? exchange(call, order) : compare(call, order);
        }
        if (base.equals("try_cmpxchg")) {
            return compareLocal(call, order);
        }
        if (!atomic) {
            return null;
        }
        Matcher simple = SIMPLE.matcher(base);
        if (simple.matches()) {
            return simple(call, simple, name.group(2) != null, order);
        }
        return other(call, base, order);
    }

    private Val other(Expr.Call call, String base, String order) {
        List<Expr> args = call.arguments();
        switch (base) {
            case "read":
                Primitives.take(call, 1);
                return walker.read(walker.eval(args.get(0)), order.equals("_acquire") ? Event.ACQUIRE : 0);
            case "set":
                Primitives.take(call, 2);
                walker.write(
                        walker.eval(args.get(0)),
                        walker.eval(args.get(1)),
                        order.equals("_release") ? Event.RELEASE : 0);
                return Val.ZERO;
            case "sub_and_test":
                return is("==", update(call, Sym.Op.SUB, Primitives.take(call, 2), order, false));
            case "dec_and_test":
                return is("==", step(call, -1, order));
            case "inc_and_test":
                return is("==", step(call, 1, order));
            case "add_negative":
                return is("<", update(call, Sym.Op.ADD, Primitives.take(call, 2), order, false));
            case "add_unless":
                Primitives.take(call, 3);
                return unless(args.get(0), walker.eval(args.get(1)), walker.eval(args.get(2)), order, false);
            case "fetch_add_unless":
                Primitives.take(call, 3);
                return unless(args.get(0), walker.eval(args.get(1)), walker.eval(args.get(2)), order, true);
            case "inc_not_zero":
                Primitives.take(call, 1);
                return unless(args.get(0), Val.of(1), Val.ZERO, order, false);
            case "inc_unless_negative":
                return only(call, "<", 1, order);
            case "dec_unless_positive":
                return only(call, ">", -1, order);
            default:
                return null;
        }
    }

    private static Val is(String relation, Val value) {
        return Val.of(Walker.operation(relation), value, Val.ZERO);
    }

    private Val step(Expr.Call call, long by, String order) {
        return update(walker.eval(Primitives.take(call, 1).get(0)), Sym.Op.ADD, Val.of(by), order, false);
    }

    private Val simple(Expr.Call call, Matcher form, boolean ordered, String order) {
        boolean fetch = form.group(1) != null;
        boolean returns = form.group(3) != null;
        String op = form.group(2);
        boolean bitwise = !op.equals("add") && !op.equals("sub") && !op.equals("inc") && !op.equals("dec");
        if (fetch && returns || returns && bitwise || ordered && !fetch && !returns) {
            return null;
        }
        boolean one = op.equals("inc") || op.equals("dec");
        List<Expr> args = Primitives.take(call, one ? 1 : 2);
        Val by = one ? Val.of(1) : walker.eval(args.get(0));
        Val where = walker.eval(args.get(one ? 0 : 1));
        Sym.Op how = one
                ? op.equals("inc") ? Sym.Op.ADD : Sym.Op.SUB
                : op.equals("andnot") ? Sym.Op.AND : Sym.Op.valueOf(op.toUpperCase(Locale.ROOT));
        if (op.equals("andnot")) {
            by = Val.of(Sym.Op.XOR, by, Val.of(-1));
        }
        if (fetch || returns) {
            return update(where, how, by, order, fetch);
        }
        Val old = walker.read(where, Event.ATOMIC | Event.NORETURN);
        walker.write(where, Val.of(how, old, by), Event.ATOMIC);
        walker.pair();
        return Val.ZERO;
    }

    private Val update(Expr.Call call, Sym.Op op, List<Expr> args, String order, boolean old) {
        if (args.size() != 2) {
            throw new LitmusException(call.line(), call.function() + " takes 2 arguments");
        }
        Val by = walker.eval(args.get(0));
        return update(walker.eval(args.get(1)), op, by, order, old);
    }

    private Val update(Val where, Sym.Op op, Val by, String order, boolean old) {
        full(order);
        Val before = walker.read(where, readFlags(order));
        Val after = Val.of(op, before, by);
        walker.write(where, after, writeFlags(order));
        walker.pair();
        full(order);
        return old ? before : after;
    }

    private Val exchange(Expr.Call call, String order) {
        List<Expr> args = Primitives.take(call, 2);
        Val where = walker.eval(args.get(0));
        Val stored = walker.eval(args.get(1));
        full(order);
        Val before = walker.read(where, readFlags(order));
        walker.write(where, stored, writeFlags(order));
        walker.pair();
        full(order);
        return before;
    }

    private Val compare(Expr.Call call, String order) {
        List<Expr> args = Primitives.take(call, 3);
        return compare(walker.eval(args.get(0)), walker.eval(args.get(1)), walker.eval(args.get(2)), order);
    }

    private Val compare(Val where, Val expected, Val stored, String order) {
        if (!walker.chooses()) {
            Val seen = walker.read(where, Event.ATOMIC);
            walker.require(Val.of(Sym.Op.NE, seen, expected));
            return seen;
        }
        full(order);
        Val seen = walker.read(where, readFlags(order));
        walker.require(Val.of(Sym.Op.EQ, seen, expected));
        walker.write(where, stored, writeFlags(order), seen.deps() | expected.deps());
        walker.pair();
        full(order);
        return seen;
    }

    /** {@code try_cmpxchg(p, &old, new)}: where it fails, the local variable takes what was seen. */
    private Val compareLocal(Expr.Call call, String order) {
        List<Expr> args = Primitives.take(call, 3);
        if (!(args.get(1) instanceof Expr.Unary u && u.op().equals("&") && u.of() instanceof Expr.Name local)) {
            throw new LitmusException(call.line(), call.function() + ": expected the address of a local variable");
        }
        Val expected = walker.eval(local);
        Val seen = compare(walker.eval(args.get(0)), expected, walker.eval(args.get(2)), order);
        walker.set(local.name(), seen);
        return Val.of(Sym.Op.EQ, seen, expected);
    }

    /** Adds {@code by} unless the value is {@code limit} zero. */
    private Val only(Expr.Call call, String limit, int by, String order) {
        Val where = walker.eval(Primitives.take(call, 1).get(0));
        if (!walker.chooses()) {
            Val seen = walker.read(where, Event.ATOMIC);
            walker.require(is(limit, seen));
            return Val.ZERO.with(seen.deps());
        }
        full(order);
        Val seen = walker.read(where, readFlags(order));
        walker.require(Val.of(Sym.Op.EQ, is(limit, seen), Val.ZERO));
        walker.write(where, Val.of(Sym.Op.ADD, seen, Val.of(by)), writeFlags(order), seen.deps());
        walker.pair();
        full(order);
        return Val.of(1).with(seen.deps());
    }

    private Val unless(Expr pointer, Val by, Val limit, String order, boolean fetch) {
        Val where = walker.eval(pointer);
        if (!walker.chooses()) {
            Val seen = walker.read(where, Event.ATOMIC);
            walker.require(Val.of(Sym.Op.EQ, seen, limit));
            return fetch ? seen : Val.ZERO.with(seen.deps());
        }
        full(order);
        Val seen = walker.read(where, readFlags(order));
        walker.require(Val.of(Sym.Op.NE, seen, limit));
        walker.write(where, Val.of(Sym.Op.ADD, seen, by), writeFlags(order), seen.deps() | limit.deps());
        walker.pair();
        full(order);
        return fetch ? seen : Val.of(1).with(seen.deps());
    }

    private void full(String order) {
        if (order.equals("_mb")) {
            walker.fence(Event.Kind.MB);
        }
    }

    private static int readFlags(String order) {
        return order.equals("_acquire") ? Event.ATOMIC | Event.ACQUIRE : Event.ATOMIC;
    }

    private static int writeFlags(String order) {
        return order.equals("_release") ? Event.ATOMIC | Event.RELEASE : Event.ATOMIC;
    }
}

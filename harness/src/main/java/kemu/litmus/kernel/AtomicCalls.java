package kemu.litmus.kernel;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kemu.hw.cpu.Cpu;
import kemu.hw.order.Order;
import kemu.litmus.LitmusException;
import kemu.litmus.ast.Expr;

/** xchg, cmpxchg and the atomic_ families, as atomics of the CPU in the order that their suffix asks for. */
final class AtomicCalls {
    private static final Pattern NAME =
            Pattern.compile("(?:(?:raw_|arch_)?atomic(?:64|_long)?_)?([a-z0-9_]+?)(_relaxed|_acquire|_release)?");
    private static final Pattern SIMPLE = Pattern.compile("(fetch_)?(add|sub|and|or|xor|andnot|inc|dec)(_return)?");

    /** An atomic read-modify-write on the word at {@code address}; the old value. */
    private interface Change {
        long apply(Cpu cpu, long address, long operand, int order);
    }

    private final Compiler compiler;
    private final Words words;

    AtomicCalls(Compiler compiler, Words words) {
        this.compiler = compiler;
        this.words = words;
    }

    /** Null if {@code call} is none of them. */
    Code compile(Expr.Call call) {
        Matcher name = NAME.matcher(call.function());
        if (!name.matches()) {
            return null;
        }
        String base = name.group(1);
        int order = order(name.group(2));
        if (base.equals("xchg")) {
            List<Expr> args = Compiler.take(call, 2);
            return change(args.get(0), args.get(1), order, Cpu::xchg64);
        }
        if (base.equals("cmpxchg") || base.equals("cmpxchg64")) {
            return compare(Compiler.take(call, 3), order);
        }
        if (base.equals("try_cmpxchg")) {
            return compareLocal(call, order);
        }
        if (!call.function().contains("atomic")) {
            return null;
        }
        Matcher simple = SIMPLE.matcher(base);
        return simple.matches() ? simple(call, simple, name.group(2), order) : other(call, base, order);
    }

    private static int order(String suffix) {
        if (suffix == null) {
            return Order.FULL;
        }
        return switch (suffix) {
            case "_relaxed" -> Order.RELAXED;
            case "_acquire" -> Order.ACQUIRE;
            default -> Order.RELEASE;
        };
    }

    private Code other(Expr.Call call, String base, int order) {
        List<Expr> args = call.arguments();
        switch (base) {
            case "read":
                return compiler.load(compiler.pointedAt(Compiler.take(call, 1).get(0)), order);
            case "set":
                Code value = compiler.eval(Compiler.take(call, 2).get(1));
                return compiler.store(compiler.pointedAt(args.get(0)), value, order);
            case "sub_and_test":
                return test(added(Compiler.take(call, 2), -1, order), 0);
            case "add_negative":
                Code sum = added(Compiler.take(call, 2), 1, order);
                return local -> sum.run(local) < 0 ? 1 : 0;
            case "dec_and_test":
                return test(stepped(Compiler.take(call, 1).get(0), -1, order), 0);
            case "inc_and_test":
                return test(stepped(Compiler.take(call, 1).get(0), 1, order), 0);
            case "add_unless":
                Compiler.take(call, 3);
                return unless(args.get(0), compiler.eval(args.get(1)), compiler.eval(args.get(2)), order, false);
            case "fetch_add_unless":
                Compiler.take(call, 3);
                return unless(args.get(0), compiler.eval(args.get(1)), compiler.eval(args.get(2)), order, true);
            case "inc_not_zero":
                return unless(Compiler.take(call, 1).get(0), local -> 1, local -> 0, order, false);
            case "inc_unless_negative":
                return only(Compiler.take(call, 1).get(0), 1, order);
            case "dec_unless_positive":
                return only(Compiler.take(call, 1).get(0), -1, order);
            default:
                return null;
        }
    }

    private static Code test(Code value, long for_) {
        return local -> value.run(local) == for_ ? 1 : 0;
    }

    /** {@code (i, v)}: the sum. */
    private Code added(List<Expr> args, long sign, int order) {
        Code by = compiler.eval(args.get(0));
        return sum(args.get(1), local -> sign * by.run(local), order);
    }

    private Code stepped(Expr pointer, long by, int order) {
        return sum(pointer, local -> by, order);
    }

    private Code sum(Expr pointer, Code by, int order) {
        Code where = compiler.where(compiler.pointedAt(pointer));
        return local -> {
            long operand = by.run(local);
            return local.interrupts().fetchAdd64(where.run(local), operand, order) + operand;
        };
    }

    private Code simple(Expr.Call call, Matcher form, String suffix, int order) {
        boolean fetch = form.group(1) != null;
        boolean returns = form.group(3) != null;
        String op = form.group(2);
        boolean bitwise = !op.equals("add") && !op.equals("sub") && !op.equals("inc") && !op.equals("dec");
        if (fetch && returns || returns && bitwise || suffix != null && !fetch && !returns) {
            return null;
        }
        boolean one = op.equals("inc") || op.equals("dec");
        List<Expr> args = Compiler.take(call, one ? 1 : 2);
        Expr pointer = args.get(one ? 0 : 1);
        // One that returns nothing orders nothing.
        int kind = fetch || returns ? order : Order.RELAXED;
        if (returns) {
            long sign = op.equals("add") || op.equals("inc") ? 1 : -1;
            return one ? stepped(pointer, sign, kind) : added(args, sign, kind);
        }
        Code operand = one ? local -> 1 : compiler.eval(args.get(0));
        return switch (op) {
            case "add", "inc" -> change(pointer, operand, kind, Cpu::fetchAdd64);
            case "sub", "dec" -> change(pointer, local -> -operand.run(local), kind, Cpu::fetchAdd64);
            case "or" -> change(pointer, operand, kind, Cpu::fetchOr64);
            case "and" -> change(pointer, operand, kind, Cpu::fetchAnd64);
            case "andnot" -> change(pointer, local -> ~operand.run(local), kind, Cpu::fetchAnd64);
            default -> change(pointer, operand, kind, AtomicCalls::fetchXor);
        };
    }

    private static long fetchXor(Cpu cpu, long address, long bits, int order) {
        long seen = cpu.readOnce64(address);
        // Ends when no other CPU changes the word between the look and the exchange.
        while (true) {
            long old = cpu.cmpxchg64(address, seen, seen ^ bits, order);
            if (old == seen) {
                return old;
            }
            seen = old;
        }
    }

    private Code change(Expr pointer, Expr operand, int order, Change how) {
        return change(pointer, compiler.eval(operand), order, how);
    }

    private Code change(Expr pointer, Code operand, int order, Change how) {
        Code where = compiler.where(compiler.pointedAt(pointer));
        return local -> {
            long at = where.run(local);
            long by = words.toMemory(operand.run(local));
            return words.fromMemory(how.apply(local.interrupts(), at, by, order));
        };
    }

    /** {@code try_cmpxchg(p, &old, new)}: where it fails, the local variable takes what was seen. */
    private Code compareLocal(Expr.Call call, int order) {
        List<Expr> args = Compiler.take(call, 3);
        if (!(args.get(1) instanceof Expr.Unary u && u.op().equals("&") && u.of() instanceof Expr.Name name)) {
            throw new LitmusException(call.line(), call.function() + ": expected the address of a local variable");
        }
        int slot = compiler.slot(name.name());
        Code exchange = compare(List.of(args.get(0), name, args.get(2)), order);
        return local -> {
            long expected = local.registers[slot];
            local.registers[slot] = exchange.run(local);
            return local.registers[slot] == expected ? 1 : 0;
        };
    }

    private Code compare(List<Expr> args, int order) {
        Code where = compiler.where(compiler.pointedAt(args.get(0)));
        Code expected = compiler.eval(args.get(1));
        Code desired = compiler.eval(args.get(2));
        return local -> {
            long at = where.run(local);
            long old = words.toMemory(expected.run(local));
            long fresh = words.toMemory(desired.run(local));
            return words.fromMemory(local.interrupts().cmpxchg64(at, old, fresh, order));
        };
    }

    /** Adds {@code by}, which is 1 or -1, unless the sign of the value is the other one. */
    private Code only(Expr pointer, int by, int order) {
        Code where = compiler.where(compiler.pointedAt(pointer));
        return local -> {
            long at = where.run(local);
            Cpu cpu = local.interrupts();
            long seen = cpu.readOnce64(at);
            // Ends when no other CPU changes the word between the look and the exchange.
            while (seen * by >= 0) {
                long old = cpu.cmpxchg64(at, seen, seen + by, order);
                if (old == seen) {
                    return 1;
                }
                seen = old;
            }
            return 0;
        };
    }

    /** The kernel's own loop: look, and exchange unless the word holds the limit. */
    private Code unless(Expr pointer, Code by, Code limit, int order, boolean fetch) {
        Code where = compiler.where(compiler.pointedAt(pointer));
        return local -> {
            long at = where.run(local);
            long delta = by.run(local);
            long stop = limit.run(local);
            Cpu cpu = local.interrupts();
            long seen = cpu.readOnce64(at);
            // Ends when no other CPU changes the word between the look and the exchange.
            while (seen != stop) {
                long old = cpu.cmpxchg64(at, seen, seen + delta, order);
                if (old == seen) {
                    return fetch ? seen : 1;
                }
                seen = old;
            }
            return fetch ? seen : 0;
        };
    }
}

package kemu.litmus.kernel;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongBinaryOperator;
import kemu.hw.order.Order;
import kemu.litmus.LitmusException;
import kemu.litmus.ast.Expr;
import kemu.litmus.ast.LitmusTest;
import kemu.litmus.ast.Stmt;
import kemu.litmus.path.Scene;

/**
 * Compiles a process to what it does on a {@link kemu.hw.cpu.Cpu}. Plain accesses become marked ones that order
 * nothing, so that every interleaving of them is met; what a compiler may do to them is not modelled.
 */
final class Compiler {
    private static final int MOST_TURNS = 1000;

    private final LitmusTest.Process process;
    private final Scene scene;
    private final Words words;
    private final Origins origins;
    private final Calls calls;
    private final Map<String, Integer> slots = new HashMap<>();

    Compiler(LitmusTest.Process process, Scene scene, Words words, Needs needs) {
        this.process = process;
        this.scene = scene;
        this.words = words;
        this.origins = new Origins(process);
        this.calls = new Calls(this, words, needs);
        origins.names().forEach(this::slot);
    }

    /** Number of the local variable {@code name}; the same for every call. */
    int slot(String name) {
        return slots.computeIfAbsent(name, n -> slots.size());
    }

    /** Whether the process has a local variable of that name. */
    boolean has(String name) {
        return slots.containsKey(name);
    }

    /** Number of local variables. */
    int registers() {
        return slots.size();
    }

    Code compile() {
        return compile(process.body());
    }

    private Code compile(Stmt stmt) {
        if (stmt instanceof Stmt.Eval e) {
            return statement(eval(e.expr()));
        }
        if (stmt instanceof Stmt.Declare d) {
            if (d.initial() == null) {
                return local -> Code.NEXT;
            }
            int slot = slot(d.name());
            Code value = eval(d.initial());
            return local -> {
                local.registers[slot] = value.run(local);
                return Code.NEXT;
            };
        }
        if (stmt instanceof Stmt.Block block) {
            Code[] body = block.body().stream().map(this::compile).toArray(Code[]::new);
            return local -> {
                long how = Code.NEXT;
                for (int i = 0; i < body.length && how == Code.NEXT; i++) {
                    how = body[i].run(local);
                }
                return how;
            };
        }
        if (stmt instanceof Stmt.If branch) {
            Code test = eval(branch.test());
            Code yes = compile(branch.yes());
            Code no = branch.no() == null ? local -> Code.NEXT : compile(branch.no());
            return local -> (test.run(local) != 0 ? yes : no).run(local);
        }
        if (stmt instanceof Stmt.Loop loop) {
            return loop(loop);
        }
        String how = ((Stmt.Leave) stmt).how();
        long leaves = how.equals("break") ? Code.BREAK : how.equals("continue") ? Code.CONTINUE : Code.RETURN;
        return local -> leaves;
    }

    private static Code statement(Code value) {
        return local -> {
            value.run(local);
            return Code.NEXT;
        };
    }

    private Code loop(Stmt.Loop loop) {
        Code before = loop.before() == null ? local -> Code.NEXT : compile(loop.before());
        Code test = eval(loop.test());
        Code after = loop.after() == null ? local -> 0 : eval(loop.after());
        Code body = compile(loop.body());
        // A loop that counts comes to its end; one that waits, perhaps not in this execution.
        boolean counts = origins.isFixed(loop.test()) && !(loop.test() instanceof Expr.Num);
        return local -> {
            before.run(local);
            for (int turn = 0; turn > 0 || loop.testFirst() ? test.run(local) != 0 : true; turn++) {
                if (!counts) {
                    local.turned(turn);
                } else if (turn == MOST_TURNS) {
                    throw new Local.CutOff();
                }
                long how = body.run(local);
                if (how == Code.BREAK || how == Code.RETURN) {
                    return how == Code.BREAK ? Code.NEXT : how;
                }
                after.run(local);
            }
            return Code.NEXT;
        };
    }

    /** The value of {@code expr}. */
    Code eval(Expr expr) {
        if (expr instanceof Expr.Num n) {
            long value = n.value();
            return local -> value;
        }
        if (expr instanceof Expr.Name n) {
            return name(n.name());
        }
        if (expr instanceof Expr.Call call) {
            return calls.compile(call);
        }
        if (expr instanceof Expr.Binary b) {
            return binary(b);
        }
        if (expr instanceof Expr.Cast cast) {
            return cast(cast);
        }
        if (expr instanceof Expr.Ternary t) {
            Code test = eval(t.test());
            Code yes = eval(t.yes());
            Code no = eval(t.no());
            return local -> (test.run(local) != 0 ? yes : no).run(local);
        }
        if (expr instanceof Expr.Unary u) {
            return unary(u);
        }
        if (expr instanceof Expr.Assign a) {
            return assign(a);
        }
        if (expr instanceof Expr.Step s) {
            long step = s.step();
            return update(s.target(), s.line(), local -> step, Long::sum, s.old());
        }
        Expr.Index index = (Expr.Index) expr;
        return load(place(index, index.line()), Order.RELAXED);
    }

    private Code name(String name) {
        if (process.parameters().contains(name)) {
            long address = scene.address(name);
            return local -> address;
        }
        int slot = slot(name);
        return local -> local.registers[slot];
    }

    private Code cast(Expr.Cast cast) {
        Code value = eval(cast.of());
        int bits = cast.bits();
        if (bits >= Integer.SIZE) {
            // As the interpreted engine has it: int and long are one.
            return value;
        }
        int cut = Long.SIZE - bits;
        return cast.signed() ? local -> value.run(local) << cut >> cut : local -> value.run(local) << cut >>> cut;
    }

    private Code unary(Expr.Unary u) {
        switch (u.op()) {
            case "*":
                return load(place(u, u.line()), Order.RELAXED);
            case "&":
                if (u.of() instanceof Expr.Name n && process.parameters().contains(n.name())) {
                    // Authors who write the address of a parameter mean the shared variable.
                    return eval(u.of());
                }
                return place(u.of(), u.line()).address();
            case "!":
                Code negated = eval(u.of());
                return local -> negated.run(local) == 0 ? 1 : 0;
            case "~":
                Code flipped = eval(u.of());
                return local -> ~flipped.run(local);
            case "-":
                Code positive = eval(u.of());
                return local -> -positive.run(local);
            default:
                return eval(u.of());
        }
    }

    private Code binary(Expr.Binary b) {
        Code left = eval(b.left());
        Code right = eval(b.right());
        switch (b.op()) {
            case ",":
                return local -> {
                    left.run(local);
                    return right.run(local);
                };
            case "&&":
                return local -> left.run(local) != 0 && right.run(local) != 0 ? 1 : 0;
            case "||":
                return local -> left.run(local) != 0 || right.run(local) != 0 ? 1 : 0;
            default:
                LongBinaryOperator operation = operation(b.op());
                return local -> operation.applyAsLong(left.run(local), right.run(local));
        }
    }

    private static LongBinaryOperator operation(String op) {
        return switch (op) {
            case "+" -> Long::sum;
            case "-" -> (a, b) -> a - b;
            case "*" -> (a, b) -> a * b;
            case "/" -> (a, b) -> b == 0 ? 0 : a / b;
            case "%" -> (a, b) -> b == 0 ? 0 : a % b;
            case "&" -> (a, b) -> a & b;
            case "|" -> (a, b) -> a | b;
            case "^" -> (a, b) -> a ^ b;
            case "<<" -> (a, b) -> a << b;
            case ">>" -> (a, b) -> a >> b;
            case "==" -> (a, b) -> a == b ? 1 : 0;
            case "!=" -> (a, b) -> a != b ? 1 : 0;
            case "<" -> (a, b) -> a < b ? 1 : 0;
            case "<=" -> (a, b) -> a <= b ? 1 : 0;
            case ">" -> (a, b) -> a > b ? 1 : 0;
            case ">=" -> (a, b) -> a >= b ? 1 : 0;
            default -> throw new LitmusException(0, "unsupported by the kernel engine: operator " + op);
        };
    }

    private Code assign(Expr.Assign a) {
        Code value = eval(a.value());
        if (!a.op().isEmpty()) {
            return update(a.target(), a.line(), value, operation(a.op()), false);
        }
        if (a.target() instanceof Expr.Name n) {
            int slot = variable(n, a.line());
            return local -> local.registers[slot] = value.run(local);
        }
        return store(place(a.target(), a.line()), value, Order.RELAXED);
    }

    private Code update(Expr target, int line, Code by, LongBinaryOperator how, boolean old) {
        if (target instanceof Expr.Name n) {
            int slot = variable(n, line);
            return local -> {
                long before = local.registers[slot];
                long after = how.applyAsLong(before, by.run(local));
                local.registers[slot] = after;
                return old ? before : after;
            };
        }
        Place place = place(target, line);
        Code load = load(place, Order.RELAXED);
        return local -> {
            long before = load.run(local);
            long after = how.applyAsLong(before, by.run(local));
            long address = words.word(place.address().run(local));
            local.interrupts().writeOnce64(address, words.toMemory(after));
            return old ? before : after;
        };
    }

    private int variable(Expr.Name n, int line) {
        if (process.parameters().contains(n.name())) {
            throw new LitmusException(line, "assignment to the parameter '" + n.name() + "'");
        }
        return slot(n.name());
    }

    /**
     * A place in shared memory.
     *
     * @param address the test's address of it
     * @param fixed location number if it is the same in every execution, else -1
     * @param computed whether the address is computed from loaded values in ways the hardware does not see
     */
    record Place(Code address, int fixed, boolean computed) {}

    /** Place of an lvalue in memory. */
    Place place(Expr target, int line) {
        if (target instanceof Expr.Unary u && u.op().equals("*")) {
            return pointedAt(u.of());
        }
        if (target instanceof Expr.Index i) {
            return pointedAt(new Expr.Binary("+", i.array(), i.index()));
        }
        if (target instanceof Expr.Cast c) {
            return place(c.of(), line);
        }
        if (target instanceof Expr.Call call && call.function().equals("ACCESS_ONCE")) {
            return place(take(call, 1).get(0), line);
        }
        throw new LitmusException(line, "not a location in shared memory");
    }

    /** Place that {@code pointer} points at. */
    Place pointedAt(Expr pointer) {
        Code address = eval(pointer);
        Expr named = pointer instanceof Expr.Unary u && u.op().equals("&") ? u.of() : pointer;
        if (named instanceof Expr.Name n && process.parameters().contains(n.name())) {
            return new Place(address, words.index(scene.address(n.name())), false);
        }
        return new Place(address, -1, !origins.isLoaded(pointer));
    }

    /** A load. */
    Code load(Place place, int order) {
        if (place.fixed() >= 0) {
            int index = place.fixed();
            words.useAsWord(index);
            return Order.kind(order) == Order.ACQUIRE
                    ? local -> words.fromMemory(local.interrupts().loadAcquire64(words.at(index), order))
                    : local -> words.fromMemory(local.interrupts().readOnce64(words.at(index)));
        }
        Code address = place.address();
        boolean computed = place.computed();
        return local -> {
            long at = words.word(address.run(local));
            if (computed) {
                // An address dependency through arithmetic, which is Java's: the hardware is told by a barrier.
                local.interrupts().smpRmb(0);
            }
            long value = Order.kind(order) == Order.ACQUIRE
                    ? local.interrupts().loadAcquire64(at, order)
                    : local.interrupts().readOnce64(at);
            return words.fromMemory(value);
        };
    }

    /** A store; its value is what was stored. */
    Code store(Place place, Code value, int order) {
        Code where = where(place);
        return local -> {
            long at = where.run(local);
            long stored = value.run(local);
            if (Order.kind(order) == Order.RELEASE) {
                local.interrupts().storeRelease64(at, words.toMemory(stored), order);
            } else {
                local.interrupts().writeOnce64(at, words.toMemory(stored));
            }
            return stored;
        };
    }

    /** Emulated address of the word at {@code place}. */
    Code where(Place place) {
        if (place.fixed() >= 0) {
            int index = place.fixed();
            words.useAsWord(index);
            return local -> words.at(index);
        }
        Code address = place.address();
        return local -> words.word(address.run(local));
    }

    /** Number of the location that {@code pointer} names, as a lock must be named. */
    int named(Expr.Call call, Expr pointer) {
        Place place = pointedAt(pointer);
        if (place.fixed() < 0) {
            throw new LitmusException(
                    call.line(), "unsupported by the kernel engine: " + call.function() + " of a computed lock");
        }
        return place.fixed();
    }

    /** Arguments of {@code call}, which must be so many. */
    static List<Expr> take(Expr.Call call, int arguments) {
        if (call.arguments().size() != arguments) {
            throw new LitmusException(
                    call.line(),
                    call.function() + " takes " + arguments + " arguments, not "
                            + call.arguments().size());
        }
        return call.arguments();
    }
}

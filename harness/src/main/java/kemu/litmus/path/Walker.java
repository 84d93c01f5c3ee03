package kemu.litmus.path;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import kemu.litmus.LitmusException;
import kemu.litmus.ast.Expr;
import kemu.litmus.ast.LitmusTest;
import kemu.litmus.ast.Stmt;

/**
 * Walks one way through a process; at a branch that depends on what is read it goes where it is told. Control
 * dependencies reach the arms of a branch, not what follows it, as in the kernel's model.
 */
final class Walker {
    private static final int MAX_READS = 64;
    private static final int MAX_EVENTS = 200;
    private static final int MAX_TURNS = 1000;

    /** Thrown when a way is given up: a loop would have to be unrolled further. */
    static final class GivenUp extends RuntimeException {
        private static final long serialVersionUID = 1L;

        GivenUp() {
            super(null, null, false, false);
        }
    }

    private enum Flow {
        NEXT,
        BREAK,
        CONTINUE,
        RETURN
    }

    private final LitmusTest.Process process;
    private final int unroll;
    private final Cost cost;
    private final List<Boolean> choices;
    private int chosen;
    private final Map<String, Val> variables = new HashMap<>();
    private final List<Event> events = new ArrayList<>();
    private final List<Path.Guard> guards = new ArrayList<>();
    private final Primitives primitives = new Primitives(this);
    private int reads;
    private long ctrl;
    /** Line of what is being executed. */
    private int line;

    /** Will go as {@code choices} say, and append to them where they end. */
    Walker(
            LitmusTest.Process process,
            Scene scene,
            Map<String, Long> registers,
            int unroll,
            List<Boolean> choices,
            Cost cost) {
        this.cost = cost;
        this.process = process;
        this.unroll = unroll;
        this.choices = choices;
        registers.forEach((name, value) -> variables.put(name, Val.of(value)));
        process.parameters().forEach(name -> variables.put(name, Val.of(scene.address(name))));
    }

    /** Number of this process. */
    int process() {
        return process.number();
    }

    Path walk() {
        try {
            run(process.body());
        } catch (LitmusException wrong) {
            throw wrong.line() > 0 ? wrong : new LitmusException(Math.max(line, process.line()), wrong.getMessage());
        }
        Map<String, Sym> last = new HashMap<>();
        variables.forEach((name, value) -> last.put(name, value.sym()));
        return new Path(List.copyOf(events), reads, List.copyOf(guards), last);
    }

    private Flow run(Stmt stmt) {
        cost.spend(1);
        if (stmt instanceof Stmt.Eval e) {
            eval(e.expr());
        } else if (stmt instanceof Stmt.Declare d) {
            if (d.initial() == null) {
                variables.putIfAbsent(d.name(), Val.ZERO);
            } else {
                variables.put(d.name(), eval(d.initial()));
            }
        } else if (stmt instanceof Stmt.Block block) {
            for (Stmt one : block.body()) {
                Flow flow = run(one);
                if (flow != Flow.NEXT) {
                    return flow;
                }
            }
        } else if (stmt instanceof Stmt.If branch) {
            Val test = eval(branch.test());
            return under(test, () -> {
                Stmt arm = goes(test) ? branch.yes() : branch.no();
                return arm == null ? Flow.NEXT : run(arm);
            });
        } else if (stmt instanceof Stmt.Loop loop) {
            return loop(loop);
        } else if (stmt instanceof Stmt.Leave leave) {
            return leave.how().equals("break")
                    ? Flow.BREAK
                    : leave.how().equals("continue") ? Flow.CONTINUE : Flow.RETURN;
        }
        return Flow.NEXT;
    }

    private Flow loop(Stmt.Loop loop) {
        if (loop.before() != null) {
            run(loop.before());
        }
        long outside = ctrl;
        boolean endless = loop.test() instanceof Expr.Num always && always.value() != 0;
        int decided = chosen;
        int open = 0;
        for (int turn = 0; turn < MAX_TURNS; turn++) {
            if (turn > 0 || loop.testFirst()) {
                Val test = eval(loop.test());
                if (!goes(test)) {
                    ctrl = outside;
                    return Flow.NEXT;
                }
                open += test.sym().isConst() ? 0 : 1;
                ctrl |= test.deps();
            }
            // An endless loop ends by a break, which is decided in its body.
            open += endless && chosen > decided ? 1 : 0;
            decided = chosen;
            if (open > unroll) {
                throw new GivenUp();
            }
            Flow flow = run(loop.body());
            if (flow == Flow.BREAK || flow == Flow.RETURN) {
                ctrl = outside;
                return flow == Flow.BREAK ? Flow.NEXT : flow;
            }
            if (loop.after() != null) {
                eval(loop.after());
            }
        }
        throw new LitmusException(loop.line(), "loop of more than " + MAX_TURNS + " turns");
    }

    private <T> T under(Val test, Supplier<T> arm) {
        long outside = ctrl;
        ctrl |= test.deps();
        T result = arm.get();
        ctrl = outside;
        return result;
    }

    /** Whether this way takes {@code test} for true. */
    boolean goes(Val test) {
        if (test.sym().isConst()) {
            return test.sym().constant() != 0;
        }
        boolean yes = chooses();
        guards.add(new Path.Guard(test.sym(), yes));
        return yes;
    }

    /** Whether this way takes the first of two alternatives; the caller says what each requires. */
    boolean chooses() {
        if (chosen == choices.size()) {
            choices.add(true);
        }
        return choices.get(chosen++);
    }

    /** This way is possible only if {@code test} is not zero. */
    void require(Val test) {
        guards.add(new Path.Guard(test.sym(), true));
    }

    Val eval(Expr expr) {
        cost.spend(1);
        if (expr instanceof Expr.Num n) {
            return Val.of(n.value());
        }
        if (expr instanceof Expr.Name n) {
            return variable(n);
        }
        if (expr instanceof Expr.Call call) {
            line = call.line();
            return primitives.call(call);
        }
        if (expr instanceof Expr.Binary b) {
            return binary(b);
        }
        if (expr instanceof Expr.Cast cast) {
            Val value = eval(cast.of());
            return new Val(Sym.cut(value.sym(), cast.bits() == 32 ? 64 : cast.bits(), cast.signed()), value.deps());
        }
        if (expr instanceof Expr.Ternary t) {
            Val test = eval(t.test());
            return under(test, () -> eval(goes(test) ? t.yes() : t.no())).with(test.deps());
        }
        if (expr instanceof Expr.Unary u) {
            return unary(u);
        }
        if (expr instanceof Expr.Assign a) {
            return assign(a);
        }
        if (expr instanceof Expr.Step s) {
            Val old = load(s.target(), s.line());
            Val now = Val.of(Sym.Op.ADD, old, Val.of(s.step()));
            store(s.target(), now, s.line());
            return s.old() ? old : now;
        }
        Expr.Index index = (Expr.Index) expr;
        return load(index, index.line());
    }

    private Val variable(Expr.Name n) {
        Val value = variables.get(n.name());
        if (value == null) {
            // As in herd7, a local variable needs no declaration and starts as zero (so does NULL).
            return Val.ZERO;
        }
        return value;
    }

    private Val unary(Expr.Unary u) {
        switch (u.op()) {
            case "*":
                return load(u, u.line());
            case "&":
                // The address of a parameter is not that of a shared variable; authors who write it mean the latter.
                boolean shared =
                        u.of() instanceof Expr.Name n && process.parameters().contains(n.name());
                return shared ? eval(u.of()) : address(u.of(), u.line());
            case "!":
                return Val.of(Sym.Op.EQ, eval(u.of()), Val.ZERO);
            case "~":
                return Val.of(Sym.Op.XOR, eval(u.of()), Val.of(-1));
            case "-":
                return Val.of(Sym.Op.SUB, Val.ZERO, eval(u.of()));
            default:
                return eval(u.of());
        }
    }

    private Val binary(Expr.Binary b) {
        Val left = eval(b.left());
        boolean and = b.op().equals("&&");
        if (b.op().equals(",")) {
            return eval(b.right());
        }
        if ((and || b.op().equals("||")) && (left.sym().isConst() || !isPure(b.right()))) {
            Val zeroOrOne = goes(left) == and
                    ? Val.of(Sym.Op.NE, under(left, () -> eval(b.right())), Val.ZERO)
                    : Val.of(and ? 0 : 1);
            return zeroOrOne.with(left.deps());
        }
        return Val.of(operation(b.op()), left, eval(b.right()));
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

    static Sym.Op operation(String op) {
        return switch (op) {
            case "+" -> Sym.Op.ADD;
            case "-" -> Sym.Op.SUB;
            case "*" -> Sym.Op.MUL;
            case "/" -> Sym.Op.DIV;
            case "%" -> Sym.Op.MOD;
            case "&" -> Sym.Op.AND;
            case "|" -> Sym.Op.OR;
            case "^" -> Sym.Op.XOR;
            case "<<" -> Sym.Op.SHL;
            case ">>" -> Sym.Op.SHR;
            case "==" -> Sym.Op.EQ;
            case "!=" -> Sym.Op.NE;
            case "<" -> Sym.Op.LT;
            case "<=" -> Sym.Op.LE;
            case ">" -> Sym.Op.GT;
            case ">=" -> Sym.Op.GE;
            case "&&" -> Sym.Op.LAND;
            default -> Sym.Op.LOR;
        };
    }

    private Val assign(Expr.Assign a) {
        Val value = a.op().isEmpty()
                ? eval(a.value())
                : Val.of(operation(a.op()), load(a.target(), a.line()), eval(a.value()));
        store(a.target(), value, a.line());
        return value;
    }

    private Val load(Expr target, int at) {
        line = at;
        boolean once = target instanceof Expr.Call;
        return target instanceof Expr.Name n ? variable(n) : read(address(target, at), once ? 0 : Event.PLAIN);
    }

    private void store(Expr target, Val value, int at) {
        line = at;
        if (target instanceof Expr.Name n) {
            if (process.parameters().contains(n.name())) {
                throw new LitmusException(at, "assignment to the parameter '" + n.name() + "'");
            }
            variables.put(n.name(), value);
        } else {
            boolean once = target instanceof Expr.Call;
            write(address(target, at), value, once ? 0 : Event.PLAIN);
        }
    }

    /** Address of an lvalue in memory. */
    Val address(Expr target, int line) {
        if (target instanceof Expr.Unary u && u.op().equals("*")) {
            return eval(u.of());
        }
        if (target instanceof Expr.Index i) {
            return Val.of(Sym.Op.ADD, eval(i.array()), eval(i.index()));
        }
        if (target instanceof Expr.Cast c) {
            return address(c.of(), line);
        }
        if (target instanceof Expr.Call call && call.function().equals("ACCESS_ONCE")) {
            return address(Primitives.take(call, 1).get(0), line);
        }
        throw new LitmusException(line, "not a location in shared memory");
    }

    /** Gives the local variable {@code name} a value. */
    void set(String name, Val value) {
        variables.put(name, value);
    }

    /** A read; its value depends on itself. */
    Val read(Val address, int flags) {
        int ordinal = nextRead();
        add(new Event(Event.Kind.READ, flags, address.sym(), null, ordinal, address.deps(), 0, ctrl, -1, line));
        return new Val(Sym.read(ordinal), 1L << ordinal);
    }

    private int nextRead() {
        if (reads == MAX_READS) {
            throw new LitmusException(process.line(), "P" + process() + " reads more than " + MAX_READS + " times");
        }
        return reads++;
    }

    void write(Val address, Val value, int flags) {
        write(address, value, flags, 0);
    }

    /** A write that is made only because of the values of the reads {@code deciding}. */
    void write(Val address, Val value, int flags, long deciding) {
        long control = ctrl | deciding;
        add(new Event(
                Event.Kind.WRITE,
                flags,
                address.sym(),
                value.sym(),
                -1,
                address.deps(),
                value.deps(),
                control,
                -1,
                line));
    }

    /** The last write ends the read-modify-write that began with the last read. */
    void pair() {
        int w = events.size() - 1;
        int r = w - 1;
        events.set(w, events.get(w).paired(r));
        events.set(r, events.get(r).paired(w));
    }

    void fence(Event.Kind kind) {
        add(new Event(kind, 0, null, null, -1, 0, 0, ctrl, -1, line));
    }

    /** Begins a reader of the srcu_struct at {@code address}; what it returns depends on itself. */
    Val srcuLock(Val address, int flags) {
        int ordinal = nextRead();
        Event.Kind kind = Event.Kind.SRCU_LOCK;
        add(new Event(kind, flags, address.sym(), null, ordinal, address.deps(), 0, ctrl, -1, line));
        return new Val(Sym.read(ordinal), 1L << ordinal);
    }

    /** Another operation on the srcu_struct at {@code address}; {@code cookie} is what is handed back to it. */
    void srcu(Event.Kind kind, int flags, Val address, Val cookie) {
        add(new Event(kind, flags, address.sym(), cookie.sym(), -1, address.deps(), cookie.deps(), ctrl, -1, line));
    }

    private void add(Event event) {
        if (events.size() == MAX_EVENTS) {
            throw new LitmusException(process.line(), "P" + process() + " has more than " + MAX_EVENTS + " events");
        }
        events.add(event);
    }
}

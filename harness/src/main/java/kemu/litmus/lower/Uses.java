package kemu.litmus.lower;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import kemu.litmus.ast.Expr;
import kemu.litmus.ast.LitmusTest;
import kemu.litmus.ast.Stmt;
import kemu.litmus.dialect.Argument;
import kemu.litmus.dialect.Dialect;
import kemu.litmus.dialect.Primitive;

/** What the body of a process speaks of: local variables, names whose value it takes, numbers, functions. */
public final class Uses {
    private final Set<String> locals = new HashSet<>();
    private final List<Expr.Name> taken = new ArrayList<>();
    private final Set<Long> numbers = new TreeSet<>();
    private final List<Expr.Call> calls = new ArrayList<>();

    /** Of {@code process}. */
    public Uses(LitmusTest.Process process) {
        visit(process.body());
    }

    /** Names that are declared or assigned as local variables somewhere. */
    public Set<String> locals() {
        return locals;
    }

    /** Where a name stands for its value, in order. */
    public List<Expr.Name> taken() {
        return taken;
    }

    /** Every number. */
    public Set<Long> numbers() {
        return numbers;
    }

    /** Every call of a function. */
    public List<Expr.Call> calls() {
        return calls;
    }

    private void visit(Stmt stmt) {
        if (stmt instanceof Stmt.Eval e) {
            visit(e.expr());
        } else if (stmt instanceof Stmt.Declare d) {
            locals.add(d.name());
            visit(d.initial());
        } else if (stmt instanceof Stmt.Block block) {
            block.body().forEach(this::visit);
        } else if (stmt instanceof Stmt.If branch) {
            visit(branch.test());
            visit(branch.yes());
            visit(branch.no());
        } else if (stmt instanceof Stmt.Loop loop) {
            visit(loop.before());
            visit(loop.test());
            visit(loop.after());
            visit(loop.body());
        }
    }

    private void visit(Expr expr) {
        if (expr instanceof Expr.Num n) {
            numbers.add(n.value());
        } else if (expr instanceof Expr.Name n) {
            taken.add(n);
        } else if (expr instanceof Expr.Unary u) {
            visit(u.of());
        } else if (expr instanceof Expr.Binary b) {
            visit(b.left());
            visit(b.right());
        } else if (expr instanceof Expr.Ternary t) {
            visit(t.test());
            visit(t.yes());
            visit(t.no());
        } else if (expr instanceof Expr.Index i) {
            visit(i.array());
            visit(i.index());
        } else if (expr instanceof Expr.Cast c) {
            visit(c.of());
        } else if (expr instanceof Expr.Assign a) {
            assign(a);
        } else if (expr instanceof Expr.Step s) {
            visit(s.target());
        } else if (expr instanceof Expr.Call call) {
            call(call);
        }
    }

    private void assign(Expr.Assign a) {
        if (a.target() instanceof Expr.Name n && a.op().isEmpty()) {
            locals.add(n.name());
        } else {
            visit(a.target());
        }
        visit(a.value());
    }

    private void call(Expr.Call call) {
        calls.add(call);
        Primitive primitive = Dialect.find(call.function());
        List<Argument> kinds = primitive == null ? List.of() : primitive.arguments();
        if (kinds.contains(Argument.CONDITION)) {
            locals.add(Primitive.SEEN);
        }
        for (int i = 0; i < call.arguments().size(); i++) {
            boolean flags = i < kinds.size() && kinds.get(i) == Argument.FLAGS;
            if (flags && call.arguments().get(i) instanceof Expr.Name name) {
                locals.add(name.name());
            } else {
                visit(call.arguments().get(i));
            }
        }
    }
}

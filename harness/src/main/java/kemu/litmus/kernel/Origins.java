package kemu.litmus.kernel;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kemu.litmus.ast.Expr;
import kemu.litmus.ast.LitmusTest;
import kemu.litmus.ast.Stmt;

/** Where the values of a process's local variables come from, whatever way it takes. */
final class Origins {
    private static final Set<String> LOADS = Set.of(
            "READ_ONCE",
            "ACCESS_ONCE",
            "rcu_dereference",
            "rcu_dereference_raw",
            "rcu_dereference_check",
            "rcu_dereference_protected",
            "rcu_access_pointer",
            "lockless_dereference",
            "smp_load_acquire");

    private final List<String> parameters;
    private final Map<String, List<Expr>> assigned = new HashMap<>();

    Origins(LitmusTest.Process process) {
        parameters = process.parameters();
        collect(process.body());
    }

    /** Names of the local variables that are assigned or declared. */
    Set<String> names() {
        return assigned.keySet();
    }

    /** Whether {@code expr} is the same in every execution: no load has a part in it. */
    boolean isFixed(Expr expr) {
        return isFixed(expr, new HashSet<>());
    }

    private boolean isFixed(Expr expr, Set<String> looking) {
        if (expr instanceof Expr.Num) {
            return true;
        }
        if (expr instanceof Expr.Name n) {
            if (!assigned.containsKey(n.name()) || !looking.add(n.name())) {
                return true;
            }
            return assigned.get(n.name()).stream().allMatch(one -> isFixed(one, looking));
        }
        if (expr instanceof Expr.Unary u) {
            return !u.op().equals("*")
                    && (u.op().equals("&") ? isFixedPlace(u.of(), looking) : isFixed(u.of(), looking));
        }
        if (expr instanceof Expr.Binary b) {
            return isFixed(b.left(), looking) && isFixed(b.right(), looking);
        }
        if (expr instanceof Expr.Ternary t) {
            return isFixed(t.test(), looking) && isFixed(t.yes(), looking) && isFixed(t.no(), looking);
        }
        if (expr instanceof Expr.Step s) {
            return isFixed(s.target(), looking);
        }
        return expr instanceof Expr.Cast c && isFixed(c.of(), looking);
    }

    private boolean isFixedPlace(Expr place, Set<String> looking) {
        if (place instanceof Expr.Unary u && u.op().equals("*")) {
            return isFixed(u.of(), looking);
        }
        return place instanceof Expr.Index i && isFixed(i.array(), looking) && isFixed(i.index(), looking);
    }

    /** Whether {@code expr} is fixed or exactly what some load returned, so that hardware sees the dependency. */
    boolean isLoaded(Expr expr) {
        return isLoaded(expr, new HashSet<>());
    }

    private boolean isLoaded(Expr expr, Set<String> looking) {
        if (expr instanceof Expr.Name n) {
            if (!assigned.containsKey(n.name()) || !looking.add(n.name())) {
                return true;
            }
            return assigned.get(n.name()).stream().allMatch(one -> isLoaded(one, looking));
        }
        if (expr instanceof Expr.Cast c) {
            return isLoaded(c.of(), looking);
        }
        if (expr instanceof Expr.Unary u && u.op().equals("*")) {
            return isLoaded(u.of(), looking);
        }
        return expr instanceof Expr.Call call && LOADS.contains(call.function()) || isFixed(expr);
    }

    private void collect(Stmt stmt) {
        if (stmt instanceof Stmt.Eval e) {
            collect(e.expr());
        } else if (stmt instanceof Stmt.Declare d) {
            assign(d.name(), d.initial() == null ? new Expr.Num(0) : d.initial());
            collect(d.initial());
        } else if (stmt instanceof Stmt.Block block) {
            block.body().forEach(this::collect);
        } else if (stmt instanceof Stmt.If branch) {
            collect(branch.test());
            collect(branch.yes());
            collect(branch.no());
        } else if (stmt instanceof Stmt.Loop loop) {
            collect(loop.before());
            collect(loop.test());
            collect(loop.after());
            collect(loop.body());
        }
    }

    private void assign(String name, Expr value) {
        if (!parameters.contains(name)) {
            assigned.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
        }
    }

    private void collect(Expr expr) {
        if (expr instanceof Expr.Assign a) {
            if (a.target() instanceof Expr.Name n) {
                assign(n.name(), a.op().isEmpty() ? a.value() : new Expr.Binary(a.op(), n, a.value()));
            }
            collect(a.target());
            collect(a.value());
        } else if (expr instanceof Expr.Step s) {
            if (s.target() instanceof Expr.Name n) {
                assign(n.name(), s);
            }
            collect(s.target());
        } else if (expr instanceof Expr.Unary u) {
            collect(u.of());
        } else if (expr instanceof Expr.Binary b) {
            collect(b.left());
            collect(b.right());
        } else if (expr instanceof Expr.Ternary t) {
            collect(t.test());
            collect(t.yes());
            collect(t.no());
        } else if (expr instanceof Expr.Cast c) {
            collect(c.of());
        } else if (expr instanceof Expr.Index i) {
            collect(i.array());
            collect(i.index());
        } else if (expr instanceof Expr.Call call) {
            call.arguments().forEach(this::collect);
        }
    }
}

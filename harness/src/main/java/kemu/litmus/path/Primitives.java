package kemu.litmus.path;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kemu.litmus.LitmusException;
import kemu.litmus.ast.Expr;

/** The kernel's primitives except the atomics: once-accesses, barriers, locks, RCU. */
final class Primitives {
    private static final Map<String, Event.Kind> FENCES = Map.ofEntries(
            Map.entry("smp_mb", Event.Kind.MB),
            Map.entry("smp_rmb", Event.Kind.RMB),
            Map.entry("smp_wmb", Event.Kind.WMB),
            Map.entry("barrier", Event.Kind.BARRIER),
            Map.entry("smp_mb__before_atomic", Event.Kind.BEFORE_ATOMIC),
            Map.entry("smp_mb__after_atomic", Event.Kind.AFTER_ATOMIC),
            Map.entry("smp_mb__after_spinlock", Event.Kind.AFTER_SPINLOCK),
            Map.entry("smp_mb__after_unlock_lock", Event.Kind.AFTER_UNLOCK_LOCK),
            Map.entry("smp_mb__after_srcu_read_unlock", Event.Kind.AFTER_SRCU_UNLOCK),
            Map.entry("rcu_read_lock", Event.Kind.RCU_LOCK),
            Map.entry("rcu_read_unlock", Event.Kind.RCU_UNLOCK),
            Map.entry("rcu_read_lock_bh", Event.Kind.RCU_LOCK),
            Map.entry("rcu_read_unlock_bh", Event.Kind.RCU_UNLOCK),
            Map.entry("rcu_read_lock_sched", Event.Kind.RCU_LOCK),
            Map.entry("rcu_read_unlock_sched", Event.Kind.RCU_UNLOCK),
            Map.entry("synchronize_rcu", Event.Kind.SYNC_RCU),
            Map.entry("synchronize_sched", Event.Kind.SYNC_RCU),
            Map.entry("synchronize_rcu_expedited", Event.Kind.SYNC_RCU),
            // READ_ONCE has done its work since Linux 4.15.
            Map.entry("smp_read_barrier_depends", Event.Kind.BARRIER),
            Map.entry("cpu_relax", Event.Kind.BARRIER));

    private final Walker walker;
    private final Atomics atomics;

    Primitives(Walker walker) {
        this.walker = walker;
        this.atomics = new Atomics(walker);
    }

    Val call(Expr.Call call) {
        Event.Kind fence = FENCES.get(call.function());
        if (fence != null) {
            take(call, 0);
            walker.fence(fence);
            return Val.ZERO;
        }
        Val result = access(call);
        if (result == null) {
            result = lock(call);
        }
        if (result == null) {
            result = srcu(call);
        }
        if (result == null) {
            result = atomics.call(call);
        }
        if (result == null) {
            throw new LitmusException(call.line(), "unsupported: " + call.function());
        }
        return result;
    }

    static List<Expr> take(Expr.Call call, int arguments) {
        if (call.arguments().size() != arguments) {
            throw new LitmusException(
                    call.line(),
                    call.function() + " takes " + arguments + " arguments, not "
                            + call.arguments().size());
        }
        return call.arguments();
    }

    private Val access(Expr.Call call) {
        switch (call.function()) {
            case "READ_ONCE",
                    "ACCESS_ONCE",
                    "rcu_dereference",
                    "rcu_dereference_raw",
                    "rcu_access_pointer",
                    "lockless_dereference":
                return walker.read(walker.address(take(call, 1).get(0), call.line()), 0);
            case "rcu_dereference_check", "rcu_dereference_protected":
                return walker.read(walker.address(take(call, 2).get(0), call.line()), 0);
            case "WRITE_ONCE":
                return store(call, walker.address(take(call, 2).get(0), call.line()), 0);
            case "rcu_assign_pointer":
                return store(call, walker.address(take(call, 2).get(0), call.line()), Event.RELEASE);
            case "smp_store_release":
                return store(call, walker.eval(take(call, 2).get(0)), Event.RELEASE);
            case "smp_load_acquire":
                return walker.read(walker.eval(take(call, 1).get(0)), Event.ACQUIRE);
            case "smp_store_mb":
                Val stored = store(call, walker.address(take(call, 2).get(0), call.line()), 0);
                walker.fence(Event.Kind.MB);
                return stored;
            case "smp_cond_load_acquire":
                return await(call, walker.eval(take(call, 2).get(0)), Event.ACQUIRE);
            case "smp_cond_load_relaxed":
                return await(call, walker.eval(take(call, 2).get(0)), 0);
            case "likely", "unlikely", "WARN_ON", "WARN_ON_ONCE":
                return walker.eval(take(call, 1).get(0));
            default:
                return null;
        }
    }

    /** Reads until the condition on VAL holds; the reads that did not end the wait order nothing and are left out. */
    private Val await(Expr.Call call, Val address, int flags) {
        Val seen = walker.read(address, flags);
        walker.set("VAL", seen);
        Val holds = walker.eval(call.arguments().get(1));
        if (!walker.goes(holds)) {
            throw new Walker.GivenUp();
        }
        return seen;
    }

    private Val store(Expr.Call call, Val address, int flags) {
        walker.write(address, walker.eval(call.arguments().get(1)), flags);
        return Val.ZERO;
    }

    private Val lock(Expr.Call call) {
        switch (call.function()) {
            case "spin_lock", "raw_spin_lock", "spin_lock_irq", "spin_lock_bh":
                acquire(walker.eval(take(call, 1).get(0)));
                return Val.ZERO;
            case "spin_unlock", "raw_spin_unlock", "spin_unlock_irq", "spin_unlock_bh":
                release(walker.eval(take(call, 1).get(0)));
                return Val.ZERO;
            case "spin_lock_irqsave":
                acquire(walker.eval(take(call, 2).get(0)));
                return Val.ZERO;
            case "spin_unlock_irqrestore":
                release(walker.eval(take(call, 2).get(0)));
                return Val.ZERO;
            case "spin_unlock_wait":
                Val waited = walker.eval(take(call, 1).get(0));
                acquire(waited);
                release(waited);
                return Val.ZERO;
            case "spin_trylock", "raw_spin_trylock":
                return trylock(walker.eval(take(call, 1).get(0)));
            case "spin_is_locked", "raw_spin_is_locked":
                return walker.read(walker.eval(take(call, 1).get(0)), Event.LOCK_LOOK);
            default:
                return null;
        }
    }

    private long acquire(Val lock) {
        Val seen = walker.read(lock, Event.LOCK_READ | Event.ACQUIRE);
        walker.require(Val.of(Sym.Op.EQ, seen, Val.ZERO));
        walker.write(lock, Val.of(1), Event.LOCK_WRITE);
        walker.pair();
        return seen.deps();
    }

    private void release(Val lock) {
        walker.write(lock, Val.ZERO, Event.UNLOCK | Event.RELEASE);
    }

    private Val trylock(Val lock) {
        if (walker.chooses()) {
            return Val.of(1).with(acquire(lock));
        }
        Val seen = walker.read(lock, Event.LOCK_LOOK);
        walker.require(seen);
        return Val.ZERO.with(seen.deps());
    }

    private Val srcu(Expr.Call call) {
        switch (call.function()) {
            case "srcu_read_lock", "srcu_read_lock_notrace":
                return enter(call, 0);
            case "srcu_down_read":
                return enter(call, Event.PASSED_ON);
            case "srcu_read_unlock", "srcu_read_unlock_notrace":
                return leave(call, 0);
            case "srcu_up_read":
                return leave(call, Event.PASSED_ON);
            case "synchronize_srcu", "synchronize_srcu_expedited":
                walker.srcu(Event.Kind.SYNC_SRCU, 0, walker.eval(take(call, 1).get(0)), Val.ZERO);
                return Val.ZERO;
            default:
                return null;
        }
    }

    private Val enter(Expr.Call call, int flags) {
        return walker.srcuLock(walker.eval(take(call, 1).get(0)), flags);
    }

    private Val leave(Expr.Call call, int flags) {
        List<Val> given = new ArrayList<>();
        take(call, 2).forEach(argument -> given.add(walker.eval(argument)));
        walker.srcu(Event.Kind.SRCU_UNLOCK, flags, given.get(0), given.get(1));
        return Val.ZERO;
    }
}

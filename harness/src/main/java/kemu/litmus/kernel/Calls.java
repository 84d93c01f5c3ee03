package kemu.litmus.kernel;

import kemu.hw.cpu.Cpu;
import kemu.hw.order.Order;
import kemu.kernel.locking.SpinLock;
import kemu.litmus.LitmusException;
import kemu.litmus.ast.Expr;

/** The kernel's primitives except the atomics: once-accesses and fences of the CPU, kemu's own locks and RCU. */
final class Calls {
    private final Compiler compiler;
    private final Words words;
    private final Needs needs;
    private final AtomicCalls atomics;

    Calls(Compiler compiler, Words words, Needs needs) {
        this.compiler = compiler;
        this.words = words;
        this.needs = needs;
        this.atomics = new AtomicCalls(compiler, words);
    }

    Code compile(Expr.Call call) {
        Code code = fence(call);
        code = code == null ? access(call) : code;
        code = code == null ? lock(call) : code;
        code = code == null ? rcu(call) : code;
        code = code == null ? atomics.compile(call) : code;
        if (code == null) {
            throw new LitmusException(call.line(), "unsupported by the kernel engine: " + call.function());
        }
        return code;
    }

    /** What a statement does with the CPU. */
    private interface Effect {
        void on(Cpu cpu);
    }

    private static Code effect(Expr.Call call, int arguments, Effect effect) {
        Compiler.take(call, arguments);
        return local -> {
            effect.on(local.interrupts());
            return 0;
        };
    }

    private static Code fence(Expr.Call call) {
        return switch (call.function()) {
            case "smp_mb", "smp_mb__after_spinlock", "smp_mb__after_unlock_lock" ->
                effect(call, 0, cpu -> cpu.smpMb(0));
            case "smp_rmb" -> effect(call, 0, cpu -> cpu.smpRmb(0));
            case "smp_wmb" -> effect(call, 0, cpu -> cpu.smpWmb(0));
            case "smp_mb__before_atomic" -> effect(call, 0, cpu -> cpu.smpMbBeforeAtomic(0));
            case "smp_mb__after_atomic" -> effect(call, 0, cpu -> cpu.smpMbAfterAtomic(0));
            case "barrier", "smp_read_barrier_depends" -> effect(call, 0, cpu -> {});
            case "cpu_relax" -> effect(call, 0, Cpu::relax);
            default -> null;
        };
    }

    private Code access(Expr.Call call) {
        return switch (call.function()) {
            case "READ_ONCE", "ACCESS_ONCE" ->
                compiler.load(compiler.place(Compiler.take(call, 1).get(0), call.line()), Order.RELAXED);
            case "rcu_dereference", "rcu_dereference_raw", "rcu_access_pointer", "lockless_dereference" ->
                dereference(call, Compiler.take(call, 1).get(0));
            case "rcu_dereference_check", "rcu_dereference_protected" ->
                dereference(call, Compiler.take(call, 2).get(0));
            case "WRITE_ONCE" ->
                store(call, compiler.place(Compiler.take(call, 2).get(0), call.line()), Order.RELAXED);
            case "rcu_assign_pointer" ->
                assign(call, compiler.place(Compiler.take(call, 2).get(0), call.line()));
            case "smp_store_release" ->
                store(call, compiler.pointedAt(Compiler.take(call, 2).get(0)), Order.RELEASE);
            case "smp_load_acquire" ->
                compiler.load(compiler.pointedAt(Compiler.take(call, 1).get(0)), Order.ACQUIRE);
            case "smp_store_mb" -> {
                Code stored = store(call, compiler.place(Compiler.take(call, 2).get(0), call.line()), Order.RELAXED);
                yield local -> {
                    stored.run(local);
                    local.interrupts().smpMb(0);
                    return 0;
                };
            }
            case "smp_cond_load_acquire" -> await(call, Order.ACQUIRE);
            case "smp_cond_load_relaxed" -> await(call, Order.RELAXED);
            case "likely", "unlikely", "WARN_ON", "WARN_ON_ONCE" ->
                compiler.eval(Compiler.take(call, 1).get(0));
            default -> null;
        };
    }

    /** Loads until the condition on VAL holds. */
    private Code await(Expr.Call call, int order) {
        Code load = compiler.load(compiler.pointedAt(Compiler.take(call, 2).get(0)), order);
        int slot = compiler.slot("VAL");
        Code holds = compiler.eval(call.arguments().get(1));
        return local -> {
            for (int turn = 0; ; turn++) {
                long seen = load.run(local);
                local.registers[slot] = seen;
                if (holds.run(local) != 0) {
                    return seen;
                }
                local.turned(turn);
            }
        };
    }

    private Code store(Expr.Call call, Compiler.Place place, int order) {
        return compiler.store(place, compiler.eval(call.arguments().get(1)), order);
    }

    private Code dereference(Expr.Call call, Expr target) {
        needs.rcu();
        Compiler.Place place = compiler.place(target, call.line());
        if (place.computed()) {
            return compiler.load(place, Order.RELAXED);
        }
        Code where = compiler.where(place);
        return local -> words.fromMemory(needs.booted().dereference(local.interrupts(), where.run(local)));
    }

    private Code assign(Expr.Call call, Compiler.Place place) {
        needs.rcu();
        Code where = compiler.where(place);
        Code value = compiler.eval(call.arguments().get(1));
        return local -> {
            long at = where.run(local);
            long pointer = value.run(local);
            needs.booted().assignPointer(local.interrupts(), at, words.toMemory(pointer));
            return pointer;
        };
    }

    private Code lock(Expr.Call call) {
        String function = call.function().replaceFirst("^raw_", "");
        if (!function.startsWith("spin_")) {
            return null;
        }
        int arguments = function.endsWith("_irqsave") || function.endsWith("_irqrestore") ? 2 : 1;
        int lock = compiler.named(call, Compiler.take(call, arguments).get(0));
        words.useAsLock(lock);
        return switch (function) {
            // Where there are no bottom halves, disabling them is disabling preemption.
            case "spin_lock", "spin_lock_bh" -> effect(call, 1, cpu -> SpinLock.lock(cpu, words.at(lock)));
            case "spin_unlock", "spin_unlock_bh" -> effect(call, 1, cpu -> SpinLock.unlock(cpu, words.at(lock)));
            case "spin_lock_irq", "spin_lock_irqsave" ->
                effect(call, arguments, cpu -> SpinLock.lockIrq(cpu, words.at(lock)));
            case "spin_unlock_irq", "spin_unlock_irqrestore" ->
                effect(call, arguments, cpu -> SpinLock.unlockIrq(cpu, words.at(lock)));
            case "spin_unlock_wait" ->
                effect(call, 1, cpu -> {
                    SpinLock.lock(cpu, words.at(lock));
                    SpinLock.unlock(cpu, words.at(lock));
                });
            case "spin_trylock" -> local -> SpinLock.tryLock(local.interrupts(), words.at(lock)) ? 1 : 0;
            case "spin_is_locked" -> local -> SpinLock.isLocked(local.interrupts(), words.at(lock)) ? 1 : 0;
            default -> null;
        };
    }

    private Code rcu(Expr.Call call) {
        switch (call.function()) {
            case "rcu_read_lock", "rcu_read_lock_sched", "rcu_read_lock_bh":
                needs.rcu();
                return effect(call, 0, cpu -> needs.use().readLock(cpu));
            case "rcu_read_unlock", "rcu_read_unlock_sched", "rcu_read_unlock_bh":
                needs.rcu();
                return effect(call, 0, cpu -> needs.use().readUnlock(cpu));
            case "synchronize_rcu", "synchronize_sched":
                needs.gracePeriods();
                return effect(call, 0, cpu -> needs.use().synchronize(cpu));
            default:
                return null;
        }
    }
}

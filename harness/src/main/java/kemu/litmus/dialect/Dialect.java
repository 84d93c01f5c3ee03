package kemu.litmus.dialect;

import static kemu.litmus.dialect.Argument.CONDITION;
import static kemu.litmus.dialect.Argument.FLAGS;
import static kemu.litmus.dialect.Argument.LOCAL;
import static kemu.litmus.dialect.Argument.PLACE;
import static kemu.litmus.dialect.Argument.POINTER;
import static kemu.litmus.dialect.Argument.UNUSED;
import static kemu.litmus.dialect.Argument.VALUE;
import static kemu.litmus.dialect.Meanings.NEGATIVE_NOW;
import static kemu.litmus.dialect.Meanings.NEW;
import static kemu.litmus.dialect.Meanings.OLD;
import static kemu.litmus.dialect.Meanings.ZERO_NOW;
import static kemu.litmus.dialect.Meanings.addIf;
import static kemu.litmus.dialect.Meanings.addUnless;
import static kemu.litmus.dialect.Meanings.asks;
import static kemu.litmus.dialect.Meanings.await;
import static kemu.litmus.dialect.Meanings.clear;
import static kemu.litmus.dialect.Meanings.compareExchange;
import static kemu.litmus.dialect.Meanings.exchange;
import static kemu.litmus.dialect.Meanings.fence;
import static kemu.litmus.dialect.Meanings.load;
import static kemu.litmus.dialect.Meanings.lock;
import static kemu.litmus.dialect.Meanings.rcu;
import static kemu.litmus.dialect.Meanings.rmw;
import static kemu.litmus.dialect.Meanings.srcuLock;
import static kemu.litmus.dialect.Meanings.srcuSynchronize;
import static kemu.litmus.dialect.Meanings.srcuUnlock;
import static kemu.litmus.dialect.Meanings.step;
import static kemu.litmus.dialect.Meanings.store;
import static kemu.litmus.dialect.Meanings.then;
import static kemu.litmus.dialect.Meanings.tryCompareExchange;
import static kemu.litmus.dialect.Meanings.value;
import static kemu.litmus.dialect.Primitive.row;
import static kemu.litmus.ir.Marking.ONCE;
import static kemu.litmus.ir.MemoryOrder.ACQUIRE;
import static kemu.litmus.ir.MemoryOrder.FULL;
import static kemu.litmus.ir.MemoryOrder.RELAXED;
import static kemu.litmus.ir.MemoryOrder.RELEASE;
import static kemu.litmus.ir.Operation.Fence.Kind.AFTER_ATOMIC;
import static kemu.litmus.ir.Operation.Fence.Kind.AFTER_SPINLOCK;
import static kemu.litmus.ir.Operation.Fence.Kind.AFTER_SRCU_UNLOCK;
import static kemu.litmus.ir.Operation.Fence.Kind.AFTER_UNLOCK_LOCK;
import static kemu.litmus.ir.Operation.Fence.Kind.BEFORE_ATOMIC;
import static kemu.litmus.ir.Operation.Fence.Kind.COMPILER;
import static kemu.litmus.ir.Operation.Fence.Kind.MB;
import static kemu.litmus.ir.Operation.Fence.Kind.RELAX;
import static kemu.litmus.ir.Operation.Fence.Kind.RMB;
import static kemu.litmus.ir.Operation.Fence.Kind.WMB;
import static kemu.litmus.ir.Operation.Lock.Action.IS_LOCKED;
import static kemu.litmus.ir.Operation.Lock.Action.LOCK;
import static kemu.litmus.ir.Operation.Lock.Action.LOCK_IRQ;
import static kemu.litmus.ir.Operation.Lock.Action.TRYLOCK;
import static kemu.litmus.ir.Operation.Lock.Action.UNLOCK;
import static kemu.litmus.ir.Operation.Lock.Action.UNLOCK_IRQ;
import static kemu.litmus.ir.Operation.Rcu.Action.READ_LOCK;
import static kemu.litmus.ir.Operation.Rcu.Action.READ_UNLOCK;
import static kemu.litmus.ir.Operation.Rcu.Action.SYNCHRONIZE;
import static kemu.litmus.ir.Operator.ADD;
import static kemu.litmus.ir.Operator.AND;
import static kemu.litmus.ir.Operator.GE;
import static kemu.litmus.ir.Operator.LE;
import static kemu.litmus.ir.Operator.NE;
import static kemu.litmus.ir.Operator.OR;
import static kemu.litmus.ir.Operator.SUB;
import static kemu.litmus.ir.Operator.XOR;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kemu.litmus.ir.Marking;
import kemu.litmus.ir.MemoryOrder;

/**
 * The table of primitives. The order of a row is that of its access; a fence is one by its meaning. A row of the
 * atomics stands for all names of a family: every prefix, and a suffix for every order.
 */
public final class Dialect {
    private static final String NO_SRCU = "kemu has no SRCU";

    private static final List<Primitive> SINGLE = List.of(
            row("READ_ONCE", RELAXED, List.of(PLACE), load(ONCE)),
            row("ACCESS_ONCE", RELAXED, List.of(PLACE), load(ONCE)),
            row("lockless_dereference", RELAXED, List.of(PLACE), load(Marking.RCU)),
            row("rcu_access_pointer", RELAXED, List.of(PLACE), load(Marking.RCU)),
            row("rcu_dereference", RELAXED, List.of(PLACE), load(Marking.RCU)),
            row("rcu_dereference_raw", RELAXED, List.of(PLACE), load(Marking.RCU)),
            row("rcu_dereference_check", RELAXED, List.of(PLACE, UNUSED), load(Marking.RCU)),
            row("rcu_dereference_protected", RELAXED, List.of(PLACE, UNUSED), load(Marking.RCU)),
            row("WRITE_ONCE", RELAXED, List.of(PLACE, VALUE), store(ONCE)),
            row("rcu_assign_pointer", RELEASE, List.of(PLACE, VALUE), store(Marking.RCU)),
            row("smp_load_acquire", ACQUIRE, List.of(POINTER), load(ONCE)),
            row("smp_store_release", RELEASE, List.of(POINTER, VALUE), store(ONCE)),
            row("smp_store_mb", RELAXED, List.of(PLACE, VALUE), then(store(ONCE), fence(MB))),
            row("smp_cond_load_acquire", ACQUIRE, List.of(POINTER, CONDITION), await()),
            row("smp_cond_load_relaxed", RELAXED, List.of(POINTER, CONDITION), await()),
            row("likely", RELAXED, List.of(VALUE), value()),
            row("unlikely", RELAXED, List.of(VALUE), value()),
            row("WARN_ON", RELAXED, List.of(VALUE), value()),
            row("WARN_ON_ONCE", RELAXED, List.of(VALUE), value()),
            row("smp_mb", FULL, List.of(), fence(MB)),
            row("smp_rmb", ACQUIRE, List.of(), fence(RMB)),
            row("smp_wmb", RELEASE, List.of(), fence(WMB)),
            row("smp_mb__before_atomic", FULL, List.of(), fence(BEFORE_ATOMIC)),
            row("smp_mb__after_atomic", FULL, List.of(), fence(AFTER_ATOMIC)),
            row("smp_mb__after_spinlock", FULL, List.of(), fence(AFTER_SPINLOCK)),
            row("smp_mb__after_unlock_lock", FULL, List.of(), fence(AFTER_UNLOCK_LOCK)),
            row("smp_mb__after_srcu_read_unlock", FULL, List.of(), fence(AFTER_SRCU_UNLOCK))
                    .notExecuted(NO_SRCU),
            row("barrier", RELAXED, List.of(), fence(COMPILER)),
            // READ_ONCE has done its work since Linux 4.15.
            row("smp_read_barrier_depends", RELAXED, List.of(), fence(COMPILER)),
            row("cpu_relax", RELAXED, List.of(), fence(RELAX)),
            // Where there are no bottom halves, disabling them is disabling preemption.
            row("spin_lock", ACQUIRE, List.of(POINTER), lock(LOCK)),
            row("spin_lock_bh", ACQUIRE, List.of(POINTER), lock(LOCK)),
            row("spin_lock_irq", ACQUIRE, List.of(POINTER), lock(LOCK_IRQ)),
            row("spin_lock_irqsave", ACQUIRE, List.of(POINTER, FLAGS), lock(LOCK_IRQ)),
            row("spin_unlock", RELEASE, List.of(POINTER), lock(UNLOCK)),
            row("spin_unlock_bh", RELEASE, List.of(POINTER), lock(UNLOCK)),
            row("spin_unlock_irq", RELEASE, List.of(POINTER), lock(UNLOCK_IRQ)),
            row("spin_unlock_irqrestore", RELEASE, List.of(POINTER, UNUSED), lock(UNLOCK_IRQ)),
            row("spin_unlock_wait", ACQUIRE, List.of(POINTER), then(lock(LOCK), lock(UNLOCK))),
            row("spin_trylock", ACQUIRE, List.of(POINTER), asks(TRYLOCK)),
            row("spin_is_locked", RELAXED, List.of(POINTER), asks(IS_LOCKED)),
            row("rcu_read_lock", RELAXED, List.of(), rcu(READ_LOCK)),
            row("rcu_read_lock_bh", RELAXED, List.of(), rcu(READ_LOCK)),
            row("rcu_read_lock_sched", RELAXED, List.of(), rcu(READ_LOCK)),
            row("rcu_read_unlock", RELAXED, List.of(), rcu(READ_UNLOCK)),
            row("rcu_read_unlock_bh", RELAXED, List.of(), rcu(READ_UNLOCK)),
            row("rcu_read_unlock_sched", RELAXED, List.of(), rcu(READ_UNLOCK)),
            row("synchronize_rcu", FULL, List.of(), rcu(SYNCHRONIZE)),
            // Executed as an ordinary one, which is what Linux does when it is told rcu_normal.
            row("synchronize_rcu_expedited", FULL, List.of(), rcu(SYNCHRONIZE)),
            row("synchronize_sched", FULL, List.of(), rcu(SYNCHRONIZE)),
            row("srcu_read_lock", RELAXED, List.of(POINTER), srcuLock(false)).notExecuted(NO_SRCU),
            row("srcu_read_lock_notrace", RELAXED, List.of(POINTER), srcuLock(false))
                    .notExecuted(NO_SRCU),
            row("srcu_down_read", RELAXED, List.of(POINTER), srcuLock(true)).notExecuted(NO_SRCU),
            row("srcu_read_unlock", RELEASE, List.of(POINTER, VALUE), srcuUnlock(false))
                    .notExecuted(NO_SRCU),
            row("srcu_read_unlock_notrace", RELEASE, List.of(POINTER, VALUE), srcuUnlock(false))
                    .notExecuted(NO_SRCU),
            row("srcu_up_read", RELEASE, List.of(POINTER, VALUE), srcuUnlock(true))
                    .notExecuted(NO_SRCU),
            row("synchronize_srcu", FULL, List.of(POINTER), srcuSynchronize()).notExecuted(NO_SRCU),
            row("synchronize_srcu_expedited", FULL, List.of(POINTER), srcuSynchronize())
                    .notExecuted(NO_SRCU));

    /** Locks whose name may begin with raw_. */
    private static final List<String> RAW = List.of("spin_lock", "spin_unlock", "spin_trylock", "spin_is_locked");

    /** Atomics by the part of the name that stands between prefix and suffix. */
    private static final List<Primitive> ATOMIC = List.of(
            row("read", RELAXED, List.of(POINTER), load(ONCE)),
            row("read_acquire", ACQUIRE, List.of(POINTER), load(ONCE)),
            row("set", RELAXED, List.of(POINTER, VALUE), store(ONCE)),
            row("set_release", RELEASE, List.of(POINTER, VALUE), store(ONCE)),
            row("add", RELAXED, List.of(VALUE, POINTER), rmw(ADD, null)),
            row("sub", RELAXED, List.of(VALUE, POINTER), rmw(SUB, null)),
            row("and", RELAXED, List.of(VALUE, POINTER), rmw(AND, null)),
            row("or", RELAXED, List.of(VALUE, POINTER), rmw(OR, null)),
            row("xor", RELAXED, List.of(VALUE, POINTER), rmw(XOR, null)),
            row("andnot", RELAXED, List.of(VALUE, POINTER), clear(null)),
            row("inc", RELAXED, List.of(POINTER), step(ADD, null)),
            row("dec", RELAXED, List.of(POINTER), step(SUB, null)),
            row("add_return", FULL, List.of(VALUE, POINTER), rmw(ADD, NEW)),
            row("sub_return", FULL, List.of(VALUE, POINTER), rmw(SUB, NEW)),
            row("inc_return", FULL, List.of(POINTER), step(ADD, NEW)),
            row("dec_return", FULL, List.of(POINTER), step(SUB, NEW)),
            row("fetch_add", FULL, List.of(VALUE, POINTER), rmw(ADD, OLD)),
            row("fetch_sub", FULL, List.of(VALUE, POINTER), rmw(SUB, OLD)),
            row("fetch_and", FULL, List.of(VALUE, POINTER), rmw(AND, OLD)),
            row("fetch_or", FULL, List.of(VALUE, POINTER), rmw(OR, OLD)),
            row("fetch_xor", FULL, List.of(VALUE, POINTER), rmw(XOR, OLD)),
            row("fetch_andnot", FULL, List.of(VALUE, POINTER), clear(OLD)),
            row("fetch_inc", FULL, List.of(POINTER), step(ADD, OLD)),
            row("fetch_dec", FULL, List.of(POINTER), step(SUB, OLD)),
            row("sub_and_test", FULL, List.of(VALUE, POINTER), rmw(SUB, ZERO_NOW)),
            row("inc_and_test", FULL, List.of(POINTER), step(ADD, ZERO_NOW)),
            row("dec_and_test", FULL, List.of(POINTER), step(SUB, ZERO_NOW)),
            row("add_negative", FULL, List.of(VALUE, POINTER), rmw(ADD, NEGATIVE_NOW)),
            row("add_unless", FULL, List.of(POINTER, VALUE, VALUE), addUnless(false)),
            row("fetch_add_unless", FULL, List.of(POINTER, VALUE, VALUE), addUnless(true)),
            row("inc_not_zero", FULL, List.of(POINTER), addIf(NE, 0, 1)),
            row("inc_unless_negative", FULL, List.of(POINTER), addIf(GE, 0, 1)),
            row("dec_unless_positive", FULL, List.of(POINTER), addIf(LE, 0, -1)),
            row("xchg", FULL, List.of(POINTER, VALUE), exchange()),
            row("cmpxchg", FULL, List.of(POINTER, VALUE, VALUE), compareExchange()),
            row("try_cmpxchg", FULL, List.of(POINTER, LOCAL, VALUE), tryCompareExchange()));

    /** Those of any word, whose names are complete without a prefix. */
    private static final List<Primitive> BARE =
            List.of(row("cmpxchg64", FULL, List.of(POINTER, VALUE, VALUE), compareExchange()));

    /** Atomics that have a name without a prefix, too. */
    private static final List<String> ALSO_BARE = List.of("xchg", "cmpxchg", "try_cmpxchg");

    private static final List<String> LAYERS = List.of("", "raw_", "arch_");
    private static final List<String> PREFIXES = List.of("atomic_", "atomic64_", "atomic_long_");
    private static final List<Map.Entry<String, MemoryOrder>> SUFFIXES = List.of(
            Map.entry("", FULL),
            Map.entry("_mb", FULL),
            Map.entry("_relaxed", RELAXED),
            Map.entry("_acquire", ACQUIRE),
            Map.entry("_release", RELEASE));

    private static final Map<String, Primitive> BY_NAME = table();

    private Dialect() {}

    private static Map<String, Primitive> table() {
        Map<String, Primitive> table = new LinkedHashMap<>();
        for (Primitive one : SINGLE) {
            put(table, one, one.name(), one.order());
            if (RAW.stream().anyMatch(one.name()::startsWith)) {
                put(table, one, "raw_" + one.name(), one.order());
            }
        }
        for (Primitive one : ATOMIC) {
            for (String prefix : PREFIXES) {
                LAYERS.forEach(layer -> family(table, one, layer + prefix));
            }
            if (ALSO_BARE.contains(one.name())) {
                family(table, one, "");
            }
        }
        BARE.forEach(one -> family(table, one, ""));
        return table;
    }

    /** Those that order everything unless told otherwise have a name for every order. */
    private static void family(Map<String, Primitive> table, Primitive one, String prefix) {
        if (one.order() == FULL) {
            SUFFIXES.forEach(suffix -> put(table, one, prefix + one.name() + suffix.getKey(), suffix.getValue()));
        } else {
            put(table, one, prefix + one.name(), one.order());
        }
    }

    private static void put(Map<String, Primitive> table, Primitive row, String name, MemoryOrder order) {
        Primitive own = new Primitive(name, order, row.arguments(), row.meaning(), row.notExecuted(), row.notDerived());
        if (table.put(name, own) != null) {
            throw new IllegalStateException("twice in the table: " + name);
        }
    }

    /** The primitive of that name; null if there is none. */
    public static Primitive find(String name) {
        return BY_NAME.get(name);
    }

    /** All of them, by every name they have. */
    public static List<Primitive> all() {
        return new ArrayList<>(BY_NAME.values());
    }
}

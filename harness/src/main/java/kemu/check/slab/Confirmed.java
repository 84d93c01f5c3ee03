package kemu.check.slab;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Subject;
import kemu.check.scenario.Violation;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Embedded;
import kemu.hw.layout.I32Field;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.StructLayout;
import kemu.hw.mem.FailureKind;
import kemu.hw.order.Order;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.mm.Kernel;
import kemu.mm.page.Gfp;
import kemu.mm.slab.KmemCache;
import kemu.mm.slab.SlabAllocator;

/**
 * A walk over connections pins one that has just begun its next life, and takes it for confirmed by the status of the
 * life before: it takes off the list what is on none. To pin by a count that orders later stores only is not enough,
 * nor is a new status that may be seen after the new count; each side needs the other's. All accesses are marked, and
 * what convicts is the list.
 *
 * <p>Who deletes says so first by an atomic in the status, so of one life only one does. A connection in its next life
 * is not confirmed in this scene, nor on the list: so neither may anybody find.
 *
 * <p>Source: Linux 5.18 net/netfilter/nf_conntrack_core.c, early_drop_list(); fixed by 0ed8f619b412 (5.19).
 */
final class Confirmed implements SlabScenario {
    private static final long CONFIRMED = 1;
    private static final long DYING = 2;

    private static final StructLayout.Builder S = StructLayout.struct("nf_conn");
    /** Users; 0 while free. Atomics; one in a free object makes the next life of it. */
    private static final I32Field USE = S.i32("use");
    /** 1 while on the list. The list's lock; nothing but that changes it, so it stays 0 from life to life. */
    private static final I32Field LISTED = S.i32("listed");
    /** {@link #CONFIRMED}, {@link #DYING}. Atomics, and a marked store in a life nobody knows yet. */
    private static final I64Field STATUS = S.i64("status");

    private static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

    private static final StructLayout.Builder T = StructLayout.struct("nf_conntrack_list");
    /** The one connection on it. Written under {@link #LOCK}; RCU readers dereference it. */
    private static final I64Field FIRST = T.i64("first");

    private static final Embedded LOCK = T.embed("lock", SpinLock.LAYOUT);
    private static final LockClass LOCK_CLASS = LockClass.of("nf_conntrack_lock");

    static {
        T.build(StructLayout.CACHE_LINE);
    }

    /** How a walk pins, and what a new life orders. */
    private record Rules(int pin, boolean acquires, boolean wmb) {
        static Rules of(String variant) {
            return switch (variant) {
                case "acquire-wmb" -> new Rules(Order.RELAXED, true, true);
                case "relaxed" -> new Rules(Order.RELAXED, false, false);
                case "acquire-only" -> new Rules(Order.RELAXED, true, false);
                case "wmb-only" -> new Rules(Order.RELAXED, false, true);
                case "full" -> new Rules(Order.FULL, false, false);
                case "full-wmb" -> new Rules(Order.FULL, false, true);
                default -> throw new SceneBroken("variant " + variant);
            };
        }
    }

    @Override
    public String name() {
        return "slab-confirmed";
    }

    @Override
    public String description() {
        return "a walk pins a connection that begins its next life: whose status does it read? (5.16)";
    }

    @Override
    public String source() {
        return "Linux 5.18 net/netfilter/nf_conntrack_core.c, early_drop_list(); fixed by 0ed8f619b412 (5.19)";
    }

    @Override
    public List<Bug> bugs() {
        return List.of(new Bug(
                "the status of a recycled connection is read before its count is taken, and it is unlinked again",
                "5.16 to 5.18",
                "719774377622",
                "0ed8f619b412 (5.19)",
                "relaxed"));
    }

    @Override
    public List<String> variants() {
        return List.of("acquire-wmb", "relaxed", "acquire-only", "wmb-only", "full", "full-wmb");
    }

    @Override
    public Expectation expected(Subject subject) {
        Rules rules = Rules.of(subject.variant());
        if (rules.wmb() && (rules.acquires() || rules.pin() == Order.FULL)) {
            return Expectation.HOLDS;
        }
        MemoryModel model = subject.model();
        if (model.reordersStores() && model.staleLoads()) {
            return Expectation.fails(FailureKind.CORRUPTION);
        }
        return Expectation.hides(
                "loads are in order on " + model + (model.reordersStores() ? "" : ", and so are stores"));
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Rules rules = Rules.of(variant);
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        int flags = SlabAllocator.SLAB_DESTROY_BY_RCU | SlabAllocator.SLAB_PANIC;
        KmemCache cache = kernel.slabs().create(boot, "nf_conn", LAYOUT.sizeBytes(), 0, flags, Confirmed::construct);
        long list = scene.word(boot);
        SpinLock.init(boot, LOCK.of(list), LOCK_CLASS);
        long first = cache.alloc(boot, Gfp.NOWAIT);
        STATUS.writeOnce(boot, first, CONFIRMED);
        LISTED.set(boot, first, 1);
        USE.writeOnce(boot, first, 1);
        FIRST.writeOnce(boot, list, first);
        long next = scene.word(boot);
        scene.task(0, "early_drop", cpu -> {
            kernel.rcu().readLock(cpu);
            long found = kernel.rcu().dereference(cpu, FIRST.of(list));
            if (found != Cpu.NULL && pin(cpu, found, rules)) {
                if ((STATUS.readOnce(cpu, found) & CONFIRMED) != 0) {
                    delete(cpu, cache, list, found);
                }
                put(cpu, cache, found);
            }
            kernel.rcu().readUnlock(cpu);
        });
        scene.task(1, "delete+init", cpu -> {
            delete(cpu, cache, list, first);
            long fresh = cache.alloc(cpu, Gfp.NOWAIT);
            STATUS.writeOnce(cpu, fresh, 0);
            if (rules.wmb()) {
                cpu.smpWmb(0);
            }
            USE.writeOnce(cpu, fresh, 1);
            cpu.write64(next, fresh);
        });
        return cpu -> {
            put(cpu, cache, cpu.read64(next));
            if (cache.activeObjects(cpu) != 0) {
                throw new Violation(FailureKind.LEAK, "BUG: a connection is left");
            }
        };
    }

    private static void construct(Cpu cpu, long conn) {
        USE.writeOnce(cpu, conn, 0);
        LISTED.set(cpu, conn, 0);
        STATUS.writeOnce(cpu, conn, 0);
    }

    /** refcount_inc_not_zero. */
    private static boolean pin(Cpu cpu, long conn, Rules rules) {
        int seen = USE.readOnce(cpu, conn);
        // Ends: a failed exchange means another CPU's succeeded.
        while (seen != 0) {
            int old = cpu.cmpxchg32(USE.of(conn), seen, seen + 1, rules.pin());
            if (old == seen) {
                if (rules.acquires()) {
                    // smp_acquire__after_ctrl_dep
                    cpu.smpRmb(0);
                }
                return true;
            }
            seen = old;
        }
        return false;
    }

    /** nf_ct_delete: by whoever is the first to want it. */
    private static void delete(Cpu cpu, KmemCache cache, long list, long conn) {
        if ((cpu.fetchOr64(STATUS.of(conn), DYING, Order.FULL) & DYING) != 0) {
            return;
        }
        SpinLock.lock(cpu, LOCK.of(list));
        if (LISTED.get(cpu, conn) == 0) {
            throw new Violation(
                    FailureKind.CORRUPTION,
                    "BUG: CPU#" + cpu.id() + " takes nf_conn 0x" + Long.toHexString(conn)
                            + " off the list, which is not on it");
        }
        LISTED.set(cpu, conn, 0);
        FIRST.writeOnce(cpu, list, Cpu.NULL);
        SpinLock.unlock(cpu, LOCK.of(list));
        put(cpu, cache, conn);
    }

    private static void put(Cpu cpu, KmemCache cache, long conn) {
        if (USE.addReturn(cpu, conn, -1) == 0) {
            cache.free(cpu, conn);
        }
    }
}

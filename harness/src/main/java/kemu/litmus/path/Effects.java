package kemu.litmus.path;

import kemu.litmus.ir.Marking;
import kemu.litmus.ir.MemoryOrder;
import kemu.litmus.ir.Operation;
import kemu.litmus.ir.Operator;
import kemu.litmus.path.MemoryEvent.Kind;

/** The events that an operation on memory comes to. */
final class Effects {
    private final Walker walker;
    private final Events events;

    Effects(Walker walker, Events events) {
        this.walker = walker;
        this.events = events;
    }

    void of(Operation operation) {
        if (operation instanceof Operation.Load load) {
            load(load);
        } else if (operation instanceof Operation.Store store) {
            store(store);
        } else if (operation instanceof Operation.Fence fence) {
            events.fence(kind(fence.kind()), fence.line());
        } else if (operation instanceof Operation.Rmw rmw) {
            rmw(rmw);
        } else if (operation instanceof Operation.CompareExchange compare) {
            compareExchange(compare);
        } else if (operation instanceof Operation.AddIf addIf) {
            addIf(addIf);
        } else if (operation instanceof Operation.Lock lock) {
            lock(lock);
        } else if (operation instanceof Operation.Rcu rcu) {
            events.fence(kind(rcu.action()), rcu.line());
        } else {
            srcu((Operation.Srcu) operation);
        }
    }

    // ---- accesses and fences --------------------------------------------------------------------------------------

    private void load(Operation.Load load) {
        int flags = plain(load.marking()) | acquire(load.order());
        walker.set(load.to(), events.read(Kind.READ, walker.eval(load.address()), flags, load.line()));
    }

    Val load(Val address, MemoryOrder order, int line) {
        return events.read(Kind.READ, address, acquire(order), line);
    }

    private void store(Operation.Store store) {
        int flags = plain(store.marking()) | release(store.order());
        events.write(Kind.WRITE, walker.eval(store.address()), walker.eval(store.value()), flags, 0, store.line());
    }

    private static int plain(Marking marking) {
        return marking == Marking.PLAIN ? MemoryEvent.PLAIN : 0;
    }

    private static int acquire(MemoryOrder order) {
        return order == MemoryOrder.ACQUIRE ? MemoryEvent.ACQUIRE : 0;
    }

    private static int release(MemoryOrder order) {
        return order == MemoryOrder.RELEASE ? MemoryEvent.RELEASE : 0;
    }

    private static Kind kind(Operation.Fence.Kind fence) {
        return switch (fence) {
            case MB -> Kind.MB;
            case RMB -> Kind.RMB;
            case WMB -> Kind.WMB;
            case COMPILER, RELAX -> Kind.BARRIER;
            case BEFORE_ATOMIC -> Kind.BEFORE_ATOMIC;
            case AFTER_ATOMIC -> Kind.AFTER_ATOMIC;
            case AFTER_SPINLOCK -> Kind.AFTER_SPINLOCK;
            case AFTER_UNLOCK_LOCK -> Kind.AFTER_UNLOCK_LOCK;
            case AFTER_SRCU_UNLOCK -> Kind.AFTER_SRCU_UNLOCK;
        };
    }

    private static Kind kind(Operation.Rcu.Action action) {
        return switch (action) {
            case READ_LOCK -> Kind.RCU_LOCK;
            case READ_UNLOCK -> Kind.RCU_UNLOCK;
            case SYNCHRONIZE -> Kind.SYNC_RCU;
        };
    }

    // ---- atomics --------------------------------------------------------------------------------------------------

    private void rmw(Operation.Rmw rmw) {
        Val address = walker.eval(rmw.address());
        Val operand = walker.eval(rmw.operand());
        full(rmw.order(), rmw.line());
        int told = rmw.returns() ? 0 : MemoryEvent.NORETURN;
        Val old = atomicRead(address, acquire(rmw.order()) | told, rmw.line());
        Val now = rmw.change() == null ? operand : Val.of(rmw.change(), old, operand);
        walker.set(rmw.old(), old);
        atomicWrite(address, now, rmw.order(), 0, rmw.line());
        full(rmw.order(), rmw.line());
    }

    private void compareExchange(Operation.CompareExchange compare) {
        Val address = walker.eval(compare.address());
        Val expected = walker.eval(compare.expected());
        Val desired = walker.eval(compare.desired());
        if (!walker.chooses()) {
            Val seen = atomicRead(address, 0, compare.line());
            walker.require(Val.of(Operator.NE, seen, expected), true);
            walker.set(compare.old(), seen);
            return;
        }
        full(compare.order(), compare.line());
        Val seen = atomicRead(address, acquire(compare.order()), compare.line());
        walker.require(Val.of(Operator.EQ, seen, expected), true);
        walker.set(compare.old(), seen);
        atomicWrite(address, desired, compare.order(), seen.deps() | expected.deps(), compare.line());
        full(compare.order(), compare.line());
    }

    private void addIf(Operation.AddIf add) {
        Val address = walker.eval(add.address());
        Val by = walker.eval(add.by());
        boolean goes = walker.chooses();
        MemoryOrder order = goes ? add.order() : MemoryOrder.RELAXED;
        full(order, add.line());
        Val old = atomicRead(address, acquire(order), add.line());
        walker.set(add.old(), old);
        walker.set(add.done(), Val.of(goes ? 1 : 0).with(old.deps()));
        Val when = walker.eval(add.when());
        walker.require(when, goes);
        if (goes) {
            atomicWrite(address, Val.of(Operator.ADD, old, by), order, when.deps(), add.line());
            full(order, add.line());
        }
    }

    private Val atomicRead(Val address, int flags, int line) {
        return events.read(Kind.READ, address, MemoryEvent.ATOMIC | flags, line);
    }

    private void atomicWrite(Val address, Val value, MemoryOrder order, long deciding, int line) {
        events.write(Kind.WRITE, address, value, MemoryEvent.ATOMIC | release(order), deciding, line);
        events.pair();
    }

    private void full(MemoryOrder order, int line) {
        if (order == MemoryOrder.FULL) {
            events.fence(Kind.MB, line);
        }
    }

    // ---- locks and SRCU -------------------------------------------------------------------------------------------

    private void lock(Operation.Lock lock) {
        Val address = walker.eval(lock.lock());
        switch (lock.action()) {
            case LOCK, LOCK_IRQ -> acquire(address, lock.line());
            case UNLOCK, UNLOCK_IRQ ->
                events.write(Kind.WRITE, address, Val.ZERO, MemoryEvent.UNLOCK | MemoryEvent.RELEASE, 0, lock.line());
            case TRYLOCK -> walker.set(lock.to(), trylock(address, lock.line()));
            case IS_LOCKED ->
                walker.set(lock.to(), events.read(Kind.READ, address, MemoryEvent.LOCK_LOOK, lock.line()));
        }
    }

    private long acquire(Val lock, int line) {
        Val seen = events.read(Kind.READ, lock, MemoryEvent.LOCK_READ | MemoryEvent.ACQUIRE, line);
        walker.require(Val.of(Operator.EQ, seen, Val.ZERO), true);
        events.write(Kind.WRITE, lock, Val.of(1), MemoryEvent.LOCK_WRITE, 0, line);
        events.pair();
        return seen.deps();
    }

    private Val trylock(Val lock, int line) {
        if (walker.chooses()) {
            return Val.of(1).with(acquire(lock, line));
        }
        Val seen = events.read(Kind.READ, lock, MemoryEvent.LOCK_LOOK, line);
        walker.require(seen, true);
        return Val.ZERO.with(seen.deps());
    }

    private void srcu(Operation.Srcu srcu) {
        Val domain = walker.eval(srcu.domain());
        int flags = srcu.passedOn() ? MemoryEvent.PASSED_ON : 0;
        switch (srcu.action()) {
            case READ_LOCK -> walker.set(srcu.to(), events.read(Kind.SRCU_LOCK, domain, flags, srcu.line()));
            case READ_UNLOCK ->
                events.write(Kind.SRCU_UNLOCK, domain, walker.eval(srcu.cookie()), flags, 0, srcu.line());
            case SYNCHRONIZE -> events.write(Kind.SYNC_SRCU, domain, Val.ZERO, flags, 0, srcu.line());
        }
    }
}

package kemu.litmus.kernel;

import kemu.hw.order.Order;
import kemu.litmus.ast.LitmusException;
import kemu.litmus.ir.Marking;
import kemu.litmus.ir.MemoryOrder;
import kemu.litmus.ir.Operation;
import kemu.litmus.ir.Value;
import kemu.litmus.path.SharedMemory;

/** Compiles loads and stores: once-accesses of the CPU, and the pointers of kemu's RCU. */
final class MemoryAccesses {
    private final SharedMemory memory;
    private final Words words;
    private final Needs needs;
    private final Origins origins;
    private final Values values;

    MemoryAccesses(SharedMemory memory, Words words, Needs needs, Origins origins, Values values) {
        this.memory = memory;
        this.words = words;
        this.needs = needs;
        this.origins = origins;
        this.values = values;
    }

    Code load(Operation.Load load) {
        int to = load.to();
        Code value = load.marking() == Marking.RCU
                ? dereference(load.address())
                : load(load.address(), load.order() == MemoryOrder.ACQUIRE);
        return local -> {
            local.registers[to] = value.run(local);
            return Code.NEXT;
        };
    }

    /** What the load of {@code await} gets. */
    Code load(Operation.Await await) {
        return load(await.address(), await.order() == MemoryOrder.ACQUIRE);
    }

    private Code load(Value address, boolean acquire) {
        Code where = where(address);
        // An address dependency through arithmetic, which is Java's: the hardware is told by a barrier.
        boolean computed = isComputed(address);
        if (!acquire && !computed) {
            return local -> {
                long at = where.run(local);
                return words.fromMemory(local.interrupts().readOnce64(at));
            };
        }
        return local -> {
            long at = where.run(local);
            if (computed) {
                local.interrupts().smpRmb(0);
            }
            return words.fromMemory(
                    acquire
                            ? local.interrupts().loadAcquire64(at, Order.ACQUIRE)
                            : local.interrupts().readOnce64(at));
        };
    }

    private Code dereference(Value address) {
        needs.rcu();
        if (isComputed(address)) {
            return load(address, false);
        }
        Code where = where(address);
        return local -> {
            long at = where.run(local);
            return words.fromMemory(needs.booted().dereference(local.interrupts(), at));
        };
    }

    Code store(Operation.Store store) {
        Code where = where(store.address());
        Code value = values.compile(store.value());
        if (store.marking() == Marking.RCU) {
            needs.rcu();
            return local -> {
                long at = where.run(local);
                needs.booted().assignPointer(local.interrupts(), at, words.toMemory(value.run(local)));
                return Code.NEXT;
            };
        }
        boolean release = store.order() == MemoryOrder.RELEASE;
        return local -> {
            long at = where.run(local);
            long stored = words.toMemory(value.run(local));
            if (release) {
                local.interrupts().storeRelease64(at, stored, Order.RELEASE);
            } else {
                local.interrupts().writeOnce64(at, stored);
            }
            return Code.NEXT;
        };
    }

    private boolean isComputed(Value address) {
        return !(address instanceof Value.Address) && !origins.isLoaded(address);
    }

    /** Emulated address of the word at {@code address}. */
    Code where(Value address) {
        if (address instanceof Value.Address named) {
            int index = words.index(memory.address(named.name()));
            words.useAsWord(index);
            return local -> words.at(index);
        }
        Code computed = values.compile(address);
        return local -> words.word(computed.run(local));
    }

    /** Number of the location that {@code lock} names, as a lock must be named. */
    int named(Value lock, int line) {
        if (lock instanceof Value.Address named) {
            return words.index(memory.address(named.name()));
        }
        throw new LitmusException(line, "unsupported by the kernel engine: a computed lock");
    }
}

package kemu.litmus.kernel;

import kemu.hw.cpu.Cpu;
import kemu.hw.order.Order;
import kemu.litmus.ir.MemoryOrder;
import kemu.litmus.ir.Operation;

/** Compiles read-modify-writes: atomics of the CPU in the order that is asked for. */
final class Atomics {
    /** An atomic read-modify-write on the word at {@code address}; the old value. */
    private interface Change {
        long apply(Cpu cpu, long address, long operand, int order);
    }

    private final MemoryAccesses accesses;
    private final Words words;
    private final Values values;

    Atomics(MemoryAccesses accesses, Words words, Values values) {
        this.accesses = accesses;
        this.words = words;
        this.values = values;
    }

    private static int order(MemoryOrder order) {
        return switch (order) {
            case RELAXED -> Order.RELAXED;
            case ACQUIRE -> Order.ACQUIRE;
            case RELEASE -> Order.RELEASE;
            case FULL -> Order.FULL;
        };
    }

    Code rmw(Operation.Rmw rmw) {
        Code operand = values.compile(rmw.operand());
        if (rmw.change() == null) {
            return change(rmw, operand, Cpu::xchg64);
        }
        return switch (rmw.change()) {
            case ADD -> change(rmw, operand, Cpu::fetchAdd64);
            case SUB -> change(rmw, local -> -operand.run(local), Cpu::fetchAdd64);
            case OR -> change(rmw, operand, Cpu::fetchOr64);
            case AND -> change(rmw, operand, Cpu::fetchAnd64);
            case XOR -> change(rmw, operand, Atomics::fetchXor);
            default -> throw new IllegalArgumentException("no atomic " + rmw.change());
        };
    }

    private Code change(Operation.Rmw rmw, Code operand, Change how) {
        Code where = accesses.where(rmw.address());
        int to = rmw.old();
        int order = order(rmw.order());
        return local -> {
            long at = where.run(local);
            long by = words.toMemory(operand.run(local));
            local.registers[to] = words.fromMemory(how.apply(local.interrupts(), at, by, order));
            return Code.NEXT;
        };
    }

    private static long fetchXor(Cpu cpu, long address, long bits, int order) {
        long seen = cpu.readOnce64(address);
        // Ends when no other CPU changes the word between the look and the exchange.
        while (true) {
            long old = cpu.cmpxchg64(address, seen, seen ^ bits, order);
            if (old == seen) {
                return old;
            }
            seen = old;
        }
    }

    Code compareExchange(Operation.CompareExchange compare) {
        Code where = accesses.where(compare.address());
        Code expected = values.compile(compare.expected());
        Code desired = values.compile(compare.desired());
        int to = compare.old();
        int order = order(compare.order());
        return local -> {
            long at = where.run(local);
            long old = words.toMemory(expected.run(local));
            long fresh = words.toMemory(desired.run(local));
            local.registers[to] = words.fromMemory(local.interrupts().cmpxchg64(at, old, fresh, order));
            return Code.NEXT;
        };
    }

    /** The kernel's own loop: look, and exchange as long as the condition holds. */
    Code addIf(Operation.AddIf add) {
        Code where = accesses.where(add.address());
        Code when = values.compile(add.when());
        Code by = values.compile(add.by());
        int old = add.old();
        int done = add.done();
        int order = order(add.order());
        return local -> {
            long at = where.run(local);
            long delta = by.run(local);
            Cpu cpu = local.interrupts();
            long seen = cpu.readOnce64(at);
            local.registers[old] = seen;
            local.registers[done] = 0;
            // Ends when no other CPU changes the word between the look and the exchange.
            while (when.run(local) != 0) {
                long met = cpu.cmpxchg64(at, seen, seen + delta, order);
                if (met == seen) {
                    local.registers[done] = 1;
                    return Code.NEXT;
                }
                seen = met;
                local.registers[old] = seen;
            }
            return Code.NEXT;
        };
    }
}

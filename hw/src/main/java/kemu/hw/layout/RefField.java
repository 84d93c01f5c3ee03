package kemu.hw.layout;

import kemu.hw.cpu.Cpu;
import kemu.hw.order.Barriers;
import kemu.hw.order.Order;

/**
 * A reference field: a 64-bit emulated address of a struct, 0 for NULL.
 *
 * @param name qualified name, such as {@code anon_vma.refcount}
 * @param type number of the struct, see {@link StructTypes}
 * @param offset bytes from the start of the struct
 * @param acquireOrder named acquire of this field, so that a mutant can weaken it
 * @param releaseOrder named release of this field
 * @param target class of constants that lays out the struct referred to
 */
public record RefField(String name, int type, int offset, int acquireOrder, int releaseOrder, Class<?> target) {
    RefField(String name, int type, int offset, Class<?> target) {
        this(name, type, offset, Barriers.acquire(name), Barriers.release(name), target);
    }

    /** Address of this field in the struct at {@code base}. */
    public long of(long base) {
        return base + offset;
    }

    /** Plain load: the caller holds the field's lock or owns the object. */
    public long get(Cpu cpu, long base) {
        cpu.expect(type);
        return cpu.read64(base + offset);
    }

    /** Plain store: the caller holds the field's lock or owns the object. */
    public void set(Cpu cpu, long base, long value) {
        cpu.expect(type);
        cpu.write64(base + offset, value);
    }

    /** Untorn, unordered load of a field that others write at the same time. */
    public long readOnce(Cpu cpu, long base) {
        cpu.expect(type);
        return cpu.readOnce64(base + offset);
    }

    /** Untorn, unordered store of a field that others read at the same time. */
    public void writeOnce(Cpu cpu, long base, long value) {
        cpu.expect(type);
        cpu.writeOnce64(base + offset, value);
    }

    /** Load that orders all later accesses after it; pairs with {@link #release}. */
    public long acquire(Cpu cpu, long base) {
        cpu.expect(type);
        return cpu.loadAcquire64(base + offset, acquireOrder);
    }

    /** Store that orders all earlier accesses before it; pairs with {@link #acquire}. */
    public void release(Cpu cpu, long base, long value) {
        cpu.expect(type);
        cpu.storeRelease64(base + offset, value, releaseOrder);
    }

    /** Fully ordered compare and exchange; returns the old value. */
    public long cmpxchg(Cpu cpu, long base, long expected, long desired) {
        cpu.expect(type);
        return cpu.cmpxchg64(base + offset, expected, desired, Order.FULL);
    }

    /** Fully ordered exchange; returns the old value. */
    public long xchg(Cpu cpu, long base, long value) {
        cpu.expect(type);
        return cpu.xchg64(base + offset, value, Order.FULL);
    }

    /** Fully ordered add; returns the new value. */
    public long addReturn(Cpu cpu, long base, long delta) {
        cpu.expect(type);
        return cpu.fetchAdd64(base + offset, delta, Order.FULL) + delta;
    }

    /** Unordered add, like {@code atomic_add}. */
    public void add(Cpu cpu, long base, long delta) {
        cpu.expect(type);
        cpu.fetchAdd64(base + offset, delta, Order.RELAXED);
    }

    /** Sets {@code bits} atomically, unordered, like {@code set_bit}. */
    public void setBits(Cpu cpu, long base, long bits) {
        cpu.expect(type);
        cpu.fetchOr64(base + offset, bits, Order.RELAXED);
    }

    /** Clears {@code bits} atomically, unordered, like {@code clear_bit}. */
    public void clearBits(Cpu cpu, long base, long bits) {
        cpu.expect(type);
        cpu.fetchAnd64(base + offset, ~bits, Order.RELAXED);
    }

    /** Sets {@code bits} atomically, fully ordered; true if all of them were set before. */
    public boolean testAndSetBits(Cpu cpu, long base, long bits) {
        cpu.expect(type);
        return (cpu.fetchOr64(base + offset, bits, Order.FULL) & bits) == bits;
    }

    /** Clears {@code bits} atomically, fully ordered; true if any of them was set before. */
    public boolean testAndClearBits(Cpu cpu, long base, long bits) {
        cpu.expect(type);
        return (cpu.fetchAnd64(base + offset, ~bits, Order.FULL) & bits) != 0;
    }

    /** Adds {@code delta} unless the value is {@code unless}; fully ordered if it adds. True if it added. */
    public boolean addUnless(Cpu cpu, long base, long delta, long unless) {
        cpu.expect(type);
        long seen = cpu.readOnce64(base + offset);
        // Ends: a failed exchange means another CPU's succeeded.
        while (seen != unless) {
            long old = cpu.cmpxchg64(base + offset, seen, seen + delta, Order.FULL);
            if (old == seen) {
                return true;
            }
            seen = old;
        }
        return false;
    }

    /** {@code rcu_dereference}: an untorn load whose dependent accesses are ordered after it. */
    public long dereference(Cpu cpu, long base) {
        cpu.expect(type);
        return cpu.loadDependent64(base + offset);
    }
}

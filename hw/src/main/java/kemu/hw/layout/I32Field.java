package kemu.hw.layout;

import kemu.hw.cpu.Cpu;
import kemu.hw.order.Barriers;
import kemu.hw.order.Order;

/**
 * A 32-bit field: its offset and its accessors.
 *
 * @param name qualified name, such as {@code anon_vma.refcount}
 * @param type number of the struct, see {@link StructTypes}
 * @param offset bytes from the start of the struct
 * @param acquireOrder named acquire of this field, so that a mutant can weaken it
 * @param releaseOrder named release of this field
 */
public record I32Field(String name, int type, int offset, int acquireOrder, int releaseOrder) {
    I32Field(String name, int type, int offset) {
        this(name, type, offset, Barriers.acquire(name), Barriers.release(name));
    }

    /** Address of this field in the struct at {@code base}. */
    public long of(long base) {
        return base + offset;
    }

    /** Plain load: the caller holds the field's lock or owns the object. */
    public int get(Cpu cpu, long base) {
        cpu.expect(type);
        return cpu.read32(base + offset);
    }

    /** Plain store: the caller holds the field's lock or owns the object. */
    public void set(Cpu cpu, long base, int value) {
        cpu.expect(type);
        cpu.write32(base + offset, value);
    }

    /** Untorn, unordered load of a field that others write at the same time. */
    public int readOnce(Cpu cpu, long base) {
        cpu.expect(type);
        return cpu.readOnce32(base + offset);
    }

    /** Untorn, unordered store of a field that others read at the same time. */
    public void writeOnce(Cpu cpu, long base, int value) {
        cpu.expect(type);
        cpu.writeOnce32(base + offset, value);
    }

    /** Load that orders all later accesses after it; pairs with {@link #release}. */
    public int acquire(Cpu cpu, long base) {
        cpu.expect(type);
        return cpu.loadAcquire32(base + offset, acquireOrder);
    }

    /** Store that orders all earlier accesses before it; pairs with {@link #acquire}. */
    public void release(Cpu cpu, long base, int value) {
        cpu.expect(type);
        cpu.storeRelease32(base + offset, value, releaseOrder);
    }

    /** Fully ordered compare and exchange; returns the old value. */
    public int cmpxchg(Cpu cpu, long base, int expected, int desired) {
        cpu.expect(type);
        return cpu.cmpxchg32(base + offset, expected, desired, Order.FULL);
    }

    /** Fully ordered exchange; returns the old value. */
    public int xchg(Cpu cpu, long base, int value) {
        cpu.expect(type);
        return cpu.xchg32(base + offset, value, Order.FULL);
    }

    /** Fully ordered add; returns the new value. */
    public int addReturn(Cpu cpu, long base, int delta) {
        cpu.expect(type);
        return cpu.fetchAdd32(base + offset, delta, Order.FULL) + delta;
    }

    /** Unordered add, like {@code atomic_add}. */
    public void add(Cpu cpu, long base, int delta) {
        cpu.expect(type);
        cpu.fetchAdd32(base + offset, delta, Order.RELAXED);
    }

    /** Sets {@code bits} atomically, unordered, like {@code set_bit}. */
    public void setBits(Cpu cpu, long base, int bits) {
        cpu.expect(type);
        cpu.fetchOr32(base + offset, bits, Order.RELAXED);
    }

    /** Clears {@code bits} atomically, unordered, like {@code clear_bit}. */
    public void clearBits(Cpu cpu, long base, int bits) {
        cpu.expect(type);
        cpu.fetchAnd32(base + offset, ~bits, Order.RELAXED);
    }

    /** Sets {@code bits} atomically, fully ordered; true if all of them were set before. */
    public boolean testAndSetBits(Cpu cpu, long base, int bits) {
        cpu.expect(type);
        return (cpu.fetchOr32(base + offset, bits, Order.FULL) & bits) == bits;
    }

    /** Clears {@code bits} atomically, fully ordered; true if any of them was set before. */
    public boolean testAndClearBits(Cpu cpu, long base, int bits) {
        cpu.expect(type);
        return (cpu.fetchAnd32(base + offset, ~bits, Order.FULL) & bits) != 0;
    }

    /** Adds {@code delta} unless the value is {@code unless}; fully ordered if it adds. True if it added. */
    public boolean addUnless(Cpu cpu, long base, int delta, int unless) {
        cpu.expect(type);
        int seen = cpu.readOnce32(base + offset);
        // Ends: a failed exchange means another CPU's succeeded.
        while (seen != unless) {
            int old = cpu.cmpxchg32(base + offset, seen, seen + delta, Order.FULL);
            if (old == seen) {
                return true;
            }
            seen = old;
        }
        return false;
    }
}

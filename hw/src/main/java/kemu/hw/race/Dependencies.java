package kemu.hw.race;

import java.util.Arrays;

/**
 * Addresses that a CPU has loaded with marked loads, with what the stores it read from had published. An access through
 * such an address comes after the load. The dependency is recognised by value, as in the modelled caches: Java hides
 * the data flow.
 */
final class Dependencies {
    private static final int SLOTS = 64;
    private static final long NEAR = 4096;

    private final int cpus;
    private final long[] values;
    private final int[] clocks;
    private final int[] next;

    Dependencies(int cpus) {
        this.cpus = cpus;
        values = new long[cpus * SLOTS];
        clocks = new int[cpus * SLOTS * cpus];
        next = new int[cpus];
    }

    void clear() {
        Arrays.fill(values, 0);
    }

    /** {@code cpu} loaded {@code value} from a store that carried the clock at {@code at}. */
    void loaded(int cpu, long value, int[] carried, int at) {
        if (Long.compareUnsigned(value, NEAR) < 0) {
            return;
        }
        int slot = cpu * SLOTS + next[cpu];
        next[cpu] = next[cpu] + 1 & SLOTS - 1;
        values[slot] = value;
        System.arraycopy(carried, at, clocks, slot * cpus, cpus);
    }

    /** True if {@code cpu} reached {@code address} through a load that saw {@code other} at {@code time} or later. */
    boolean order(int cpu, long address, int other, int time) {
        for (int slot = cpu * SLOTS; slot < (cpu + 1) * SLOTS; slot++) {
            long value = values[slot];
            if (value != 0 && address - value < NEAR && value - address < NEAR && clocks[slot * cpus + other] >= time) {
                return true;
            }
        }
        return false;
    }
}

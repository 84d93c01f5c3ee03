package kemu.hw.race;

import java.util.Arrays;

/** The vector clocks of all CPUs: what each knows of the others, and what it would know after its next fence. */
final class Clocks {
    /** Above this a clock is about to overflow. */
    private static final int HIGH = 1 << 30;

    final int cpus;
    /** What happened before anything the CPU does now. */
    final int[] now;
    /** What unordered loads have seen: happened before whatever follows the next fence of loads. */
    final int[] loaded;
    /** What the CPU's unordered stores publish: its time at its last fence of stores. */
    final int[] published;
    /** The CPU's time at the last fence that its loads stay behind. */
    final int[] fenced;
    /** What the CPU's stores have overwritten or outrun: happened before whatever follows its next full fence. */
    final int[] outrun;
    /** What the loads of rcu_dereference have seen. */
    final int[] followed;
    /** The CPU's time at its last release. */
    private final int[] released;

    Clocks(int cpus) {
        this.cpus = cpus;
        now = new int[cpus * cpus];
        loaded = new int[cpus * cpus];
        published = new int[cpus * cpus];
        fenced = new int[cpus * cpus];
        outrun = new int[cpus * cpus];
        followed = new int[cpus * cpus];
        released = new int[cpus * cpus];
        restart();
    }

    void restart() {
        for (int[] clock : new int[][] {now, loaded, published, fenced, outrun, followed, released}) {
            Arrays.fill(clock, 0);
        }
        for (int i = 0; i < cpus; i++) {
            now[i * cpus + i] = 1;
        }
    }

    /** Everything so far happened before everything from now on; false if clocks are near their end. */
    boolean synchronise() {
        int high = 0;
        for (int cpu = 0; cpu < cpus; cpu++) {
            int time = now[cpu * cpus + cpu] + 1;
            for (int other = 0; other < cpus; other++) {
                now[other * cpus + cpu] = time;
            }
            high = Math.max(high, now[cpu * cpus + cpu]);
        }
        for (int[] clock : new int[][] {loaded, published, fenced, outrun}) {
            System.arraycopy(now, 0, clock, 0, now.length);
        }
        for (int cpu = 0; cpu < cpus; cpu++) {
            tick(cpu);
        }
        return high < HIGH;
    }

    /** What the CPU does next is not covered by what it has published. */
    void tick(int cpu) {
        now[cpu * cpus + cpu]++;
    }

    /** Adds {@code from}, a clock at {@code at}, to {@code clock} of {@code cpu}. */
    void join(int[] clock, int cpu, int[] from, int at) {
        int base = cpu * cpus;
        for (int i = 0; i < cpus; i++) {
            clock[base + i] = Math.max(clock[base + i], from[at + i]);
        }
    }

    /** What came before a release of the CPU is published by it. */
    void release(int cpu) {
        System.arraycopy(now, cpu * cpus, released, cpu * cpus, cpus);
        tick(cpu);
    }

    /** An acquire: stores before the last release come before stores from here on, as for unlock and lock. */
    void acquire(int cpu) {
        join(published, cpu, released, cpu * cpus);
    }

    /** smp_rmb: later accesses come after what was loaded; later loads come after earlier accesses. */
    void loadFence(int cpu) {
        join(now, cpu, loaded, cpu * cpus);
        System.arraycopy(now, cpu * cpus, fenced, cpu * cpus, cpus);
        tick(cpu);
    }

    /** smp_wmb: later stores publish what was done so far. */
    void storeFence(int cpu) {
        System.arraycopy(now, cpu * cpus, published, cpu * cpus, cpus);
        tick(cpu);
    }

    /** smp_mb. */
    void fullFence(int cpu) {
        join(now, cpu, loaded, cpu * cpus);
        join(now, cpu, outrun, cpu * cpus);
        System.arraycopy(now, cpu * cpus, fenced, cpu * cpus, cpus);
        System.arraycopy(now, cpu * cpus, published, cpu * cpus, cpus);
        tick(cpu);
    }
}

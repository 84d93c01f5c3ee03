package kemu.hw.machine;

import kemu.hw.cache.MemoryModel;

/**
 * How a machine is built.
 *
 * @param memoryBytes emulated physical memory
 * @param cpus number of CPUs, 1 to 64
 * @param seed the one source of randomness
 * @param preemptible whether kernel code may be preempted where preemption is enabled
 * @param spinLock name of the spinlock algorithm, for the software
 * @param maxTasks task slots, idle tasks included
 * @param model what emulated CPUs may do to the order of accesses; a native machine has the host's
 * @param pollBeforeLocks whether spinlocks serve interrupts first, where those may strike: an interrupt that came
 *     between the reads of a lookup strikes before its lock, not after. A bias towards preempted readers, which a
 *     machine that polls would hardly ever have; explored executions do not need it and ignore it
 */
public record MachineConfig(
        long memoryBytes,
        int cpus,
        long seed,
        boolean preemptible,
        String spinLock,
        int maxTasks,
        MemoryModel model,
        boolean pollBeforeLocks) {
    /** Timer ticks per second. */
    public static final int HZ = 250;
    /** Most CPUs a machine can have; CPU sets are one word. */
    public static final int MAX_CPUS = 64;

    /** Checks ranges. */
    public MachineConfig {
        if (cpus < 1 || cpus > MAX_CPUS) {
            throw new IllegalArgumentException("cpus: " + cpus + " (allowed: 1.." + MAX_CPUS + ")");
        }
        if (maxTasks <= cpus) {
            throw new IllegalArgumentException("maxTasks: " + maxTasks + " (need more than one per CPU)");
        }
    }

    /** A machine whose spinlocks do not poll. */
    public MachineConfig(
            long memoryBytes,
            int cpus,
            long seed,
            boolean preemptible,
            String spinLock,
            int maxTasks,
            MemoryModel model) {
        this(memoryBytes, cpus, seed, preemptible, spinLock, maxTasks, model, false);
    }

    /** A sequentially consistent machine. */
    public MachineConfig(long memoryBytes, int cpus, long seed, boolean preemptible, String spinLock, int maxTasks) {
        this(memoryBytes, cpus, seed, preemptible, spinLock, maxTasks, MemoryModel.SC);
    }

    /** A machine of {@code memoryBytes} and {@code cpus} with defaults for the rest. */
    public static MachineConfig of(long memoryBytes, int cpus) {
        return new MachineConfig(memoryBytes, cpus, 1, true, "ticket", 512);
    }

    /** True if locks check their owner on unlock: the spinlock {@code debug} was chosen. */
    public boolean debugLocks() {
        return spinLock.equals("debug");
    }

    /** The same with another seed. */
    public MachineConfig withSeed(long newSeed) {
        return new MachineConfig(memoryBytes, cpus, newSeed, preemptible, spinLock, maxTasks, model, pollBeforeLocks);
    }

    /** The same with another spinlock. */
    public MachineConfig withSpinLock(String name) {
        return new MachineConfig(memoryBytes, cpus, seed, preemptible, name, maxTasks, model, pollBeforeLocks);
    }

    /** The same, preemptible or not. */
    public MachineConfig withPreemptible(boolean value) {
        return new MachineConfig(memoryBytes, cpus, seed, value, spinLock, maxTasks, model, pollBeforeLocks);
    }

    /** The same with another memory model. */
    public MachineConfig withModel(MemoryModel value) {
        return new MachineConfig(memoryBytes, cpus, seed, preemptible, spinLock, maxTasks, value, pollBeforeLocks);
    }

    /** The same with spinlocks that poll first, or do not. */
    public MachineConfig withPollBeforeLocks(boolean value) {
        return new MachineConfig(memoryBytes, cpus, seed, preemptible, spinLock, maxTasks, model, value);
    }
}

package kemu.kernel.locking;

import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;

/**
 * A spinlock algorithm. One per machine, chosen by name; works on the struct laid out in {@link SpinLock}. Jars bring
 * others, see {@link SpinLockProvider}.
 */
public abstract class SpinLocks {
    private static final List<String> BUILT_IN = List.of("ticket", "tas", "mcs", "clh", "debug");

    /** For subclasses. */
    protected SpinLocks() {}

    /** Names of the built-in algorithms, then those of jars, in order of discovery. */
    public static String[] names() {
        return Stream.concat(BUILT_IN.stream(), foreign().stream().map(SpinLockProvider::name))
                .toArray(String[]::new);
    }

    /** Those of jars only. */
    public static List<SpinLockProvider> foreign() {
        return ServiceLoader.load(SpinLockProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
    }

    private static SpinLockProvider foreign(String name) {
        return foreign().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "spinlock: " + name + " (allowed: " + String.join(", ", names()) + ")"));
    }

    /** What the algorithm called {@code name} is, and which kernel has it: half a line. */
    public static String description(String name) {
        return switch (name) {
            case "ticket" -> "2.6.25 to 4.1 on x86: tickets of 8 bits, a wrong unlock makes the next locker wait";
            case "tas" -> "up to 2.6.24 in kind: one word, test and set; a wrong unlock is invisible";
            case "mcs" -> "queue of Mellor-Crummey and Scott, under mutexes since 3.15: each waits on its own node";
            case "clh" -> "queue of Craig, Landin and Hagersten, not in Linux: each waits on the node before its own";
            case "debug" -> "CONFIG_DEBUG_SPINLOCK: knows its owner, a wrong unlock is a bug at the spot";
            default -> foreign(name).description();
        };
    }

    /**
     * The algorithm called {@code name}. Jars are not looked into for a built-in one.
     *
     * @throws IllegalArgumentException naming what is allowed
     */
    public static SpinLocks byName(String name) {
        return switch (name) {
            case "ticket" -> new TicketSpinLocks();
            case "tas" -> new TasSpinLocks();
            case "mcs" -> new McsSpinLocks();
            case "clh" -> new ClhSpinLocks();
            case "debug" -> new DebugSpinLocks();
            default -> foreign(name).create();
        };
    }

    /** Classes that register ordering points of built-in algorithms, whichever of these a machine uses. */
    public static List<Class<?>> barrierHolders() {
        return List.of(
                TasSpinLocks.class, DebugSpinLocks.class, McsSpinLocks.class, ClhSpinLocks.class, QueueNodes.class);
    }

    /** Reserves what the algorithm needs beside the locks. Once per machine, before any lock is taken. */
    public void reserve(Machine machine) {}

    /** Takes the lock; acquire. */
    public abstract void lock(Cpu cpu, long lock);

    /** Takes the lock if it is free; acquire on success. */
    public abstract boolean tryLock(Cpu cpu, long lock);

    /** Frees the lock; release. */
    public abstract void unlock(Cpu cpu, long lock);

    /** Waits until whoever holds the lock now, if anybody, has freed it. Unordered. */
    public abstract void unlockWait(Cpu cpu, long lock);

    /** True if somebody holds the lock. Unordered. */
    public abstract boolean isLocked(Cpu cpu, long lock);
}

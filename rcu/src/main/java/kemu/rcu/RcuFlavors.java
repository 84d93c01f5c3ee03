package kemu.rcu;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import kemu.hw.machine.Machine;
import kemu.rcu.tree.PreemptFlavor;
import kemu.rcu.tree.SchedFlavor;

/**
 * The flavours of RCU by the name that the command line uses; and, under names that it does not offer, flavours that
 * are wrong in a known way, kept to be convicted.
 */
public final class RcuFlavors {
    private static final Map<String, BiFunction<Machine, Rcu, RcuFlavor>> BUILT_IN =
            new TreeMap<>(Map.of("sched", SchedFlavor::boot, "preempt", PreemptFlavor::boot));
    private static final Map<String, BiFunction<Machine, Rcu, RcuFlavor>> KNOWN_BAD = new TreeMap<>(Map.of(
            "preempt-forgetful", PreemptFlavor::bootForgetful,
            "preempt-wrong-phase", PreemptFlavor::bootWrongPhase,
            "preempt-hasty", PreemptFlavor::bootHasty));

    private RcuFlavors() {}

    /** Names of the built-in flavours that are right. */
    public static String[] names() {
        return BUILT_IN.keySet().toArray(new String[0]);
    }

    /** Names of the built-in flavours that are known to be wrong. */
    public static String[] knownBad() {
        return KNOWN_BAD.keySet().toArray(new String[0]);
    }

    /**
     * Boots the flavour called {@code name}, right or wrong, on {@code machine}. Boot only.
     *
     * @throws IllegalArgumentException naming what is allowed
     */
    static RcuFlavor boot(String name, Machine machine, Rcu rcu) {
        BiFunction<Machine, Rcu, RcuFlavor> factory = BUILT_IN.getOrDefault(name, KNOWN_BAD.get(name));
        if (factory == null) {
            throw new IllegalArgumentException("rcu: " + name + " (allowed: " + String.join(", ", names()) + ")");
        }
        return factory.apply(machine, rcu);
    }
}

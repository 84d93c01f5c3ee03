package kemu.rcu;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import kemu.hw.machine.Machine;
import kemu.rcu.tree.SchedFlavor;

/** The flavours of RCU by the name that the command line uses. */
public final class RcuFlavors {
    private static final Map<String, BiFunction<Machine, Rcu, RcuFlavor>> BUILT_IN =
            new TreeMap<>(Map.of("sched", SchedFlavor::boot));

    private RcuFlavors() {}

    /** Names of the built-in flavours. */
    public static String[] names() {
        return BUILT_IN.keySet().toArray(new String[0]);
    }

    /**
     * Boots the flavour called {@code name} on {@code machine}. Boot only.
     *
     * @throws IllegalArgumentException naming what is allowed
     */
    static RcuFlavor boot(String name, Machine machine, Rcu rcu) {
        BiFunction<Machine, Rcu, RcuFlavor> factory = BUILT_IN.get(name);
        if (factory == null) {
            throw new IllegalArgumentException("rcu: " + name + " (allowed: " + String.join(", ", names()) + ")");
        }
        return factory.apply(machine, rcu);
    }
}

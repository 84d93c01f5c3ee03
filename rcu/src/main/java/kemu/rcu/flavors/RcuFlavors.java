package kemu.rcu.flavors;

import java.util.Map;
import java.util.TreeMap;
import kemu.hw.machine.Machine;
import kemu.rcu.Rcu;
import kemu.rcu.RcuFlavor;
import kemu.rcu.RcuOptions;
import kemu.rcu.tree.KnownBadFlavors;
import kemu.rcu.tree.PreemptFlavor;
import kemu.rcu.tree.SchedFlavor;

/**
 * The flavours of RCU by the name that the command line uses; and, under names that it does not offer, flavours that
 * are wrong in a known way, kept to be convicted.
 */
public final class RcuFlavors {
    private static final Map<String, BuiltIn> BUILT_IN = new TreeMap<>(Map.of(
            "sched",
            new BuiltIn("TREE_RCU: readers are not preempted, a switch of tasks ends a section", SchedFlavor::boot),
            "preempt",
            new BuiltIn("TREE_PREEMPT_RCU: readers can be preempted and are waited for by name", PreemptFlavor::boot)));
    private static final Map<String, RcuFlavor.Factory> KNOWN_BAD = new TreeMap<>(Map.of(
            "preempt-forgetful", KnownBadFlavors::forgetful,
            "preempt-wrong-phase", KnownBadFlavors::wrongPhase,
            "preempt-hasty", KnownBadFlavors::hasty));

    private record BuiltIn(String description, RcuFlavor.Factory factory) {}

    private RcuFlavors() {}

    /** Names of the built-in flavours that are right. */
    public static String[] names() {
        return BUILT_IN.keySet().toArray(new String[0]);
    }

    /** What the flavour called {@code name}, one of {@link #names}, is: half a line. */
    public static String description(String name) {
        return BUILT_IN.get(name).description();
    }

    /** Names of the built-in flavours that are known to be wrong. */
    public static String[] knownBad() {
        return KNOWN_BAD.keySet().toArray(new String[0]);
    }

    /**
     * Boots RCU of the flavour that {@code options} name, right or wrong. Boot only, once a machine.
     *
     * @throws IllegalArgumentException naming what is allowed
     */
    public static Rcu boot(Machine machine, RcuOptions options) {
        BuiltIn right = BUILT_IN.get(options.flavor());
        RcuFlavor.Factory factory = right != null ? right.factory() : KNOWN_BAD.get(options.flavor());
        if (factory == null) {
            throw new IllegalArgumentException(
                    "rcu: " + options.flavor() + " (allowed: " + String.join(", ", names()) + ")");
        }
        return Rcu.boot(machine, options, factory);
    }
}

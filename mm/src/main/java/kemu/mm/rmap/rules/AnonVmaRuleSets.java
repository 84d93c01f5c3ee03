package kemu.mm.rmap.rules;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import kemu.mm.rmap.AnonVmaReuse;
import kemu.mm.rmap.AnonVmaRules;

/**
 * Rules for the life of anon_vmas by name: the kernel's, and the same with one rule of another version, or of a
 * proposal, in its place. The command line offers none; a scenario configures its kernel with those that it tries.
 */
public final class AnonVmaRuleSets {
    /** The name of the default. */
    public static final String CURRENT = "current";

    /** Suppliers, so that a class is loaded only where its rule is chosen and calls to the default stay direct. */
    private static final Map<String, Supplier<AnonVmaRules>> BY_NAME = new TreeMap<>(Map.ofEntries(
            Map.entry(CURRENT, () -> living(new KernelLife())),
            Map.entry("cloned-from-newest", () -> living(new ClonedFromNewest())),
            Map.entry("cloned-from-newest-not-pinned", () -> living(new ClonedFromNewestNotPinned())),
            Map.entry("oldest-first", () -> living(new OldestFirst())),
            Map.entry("root-not-pinned", () -> living(new RootNotPinned())),
            Map.entry("oldest-first-not-pinned", () -> living(new OldestFirstNotPinned())),
            Map.entry("root-freed-first", () -> living(new RootFreedFirst())),
            Map.entry("new-not-locked", () -> living(new NewNotLocked())),
            Map.entry("published-plain", () -> living(new PublishedPlain())),
            Map.entry("found-by-address", () -> living(new FoundByAddress())),
            Map.entry("neighbour-plain", () -> living(new NeighbourPlain())),
            Map.entry("not-typesafe", () -> living(new NotTypesafe())),
            Map.entry("reuse-by-degree", () -> reusing(new ReuseByDegree())),
            Map.entry("reuse-by-counters", () -> reusing(new ReuseByCounters())),
            Map.entry("one-for-family", () -> reusing(new OneForFamily())),
            Map.entry(
                    "shared-to-newest",
                    () -> new AnonVmaRules(
                            new KernelLife(), new NewAtEveryFork(), new SharedToNewest(), MapcountWithPte::new)),
            Map.entry(
                    "mapcount-at-flush",
                    () -> new AnonVmaRules(
                            new KernelLife(), new NewAtEveryFork(), new SharedToRoot(), MapcountAtFlush::new))));

    private AnonVmaRuleSets() {}

    private static AnonVmaRules living(KernelLife life) {
        return new AnonVmaRules(life, new NewAtEveryFork(), new SharedToRoot(), MapcountWithPte::new);
    }

    private static AnonVmaRules reusing(AnonVmaReuse reuse) {
        return new AnonVmaRules(new KernelLife(), reuse, new SharedToRoot(), MapcountWithPte::new);
    }

    /** All names. */
    public static String[] names() {
        return BY_NAME.keySet().toArray(new String[0]);
    }

    /**
     * The rules called {@code name}.
     *
     * @throws IllegalArgumentException naming what is allowed
     */
    public static AnonVmaRules byName(String name) {
        Supplier<AnonVmaRules> rules = BY_NAME.get(name);
        if (rules == null) {
            throw new IllegalArgumentException(
                    "anon_vma rules: " + name + " (allowed: " + String.join(", ", names()) + ")");
        }
        return rules.get();
    }
}

package kemu.mm.swap.rules;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import kemu.mm.swap.FoundPageChecks;

/**
 * Tests of pages found in the swap cache by name. The command line offers none; a scenario configures its kernel with
 * those that it tries.
 */
public final class FoundPageRuleSets {
    /** The name of the default. */
    public static final String CURRENT = "current";

    /** Suppliers, so that a class is loaded only where its rule is chosen and calls to the default stay direct. */
    private static final Map<String, Supplier<FoundPageChecks>> BY_NAME = new TreeMap<>(Map.of(
            CURRENT,
            () -> new FoundPageChecks() {},
            "move-pte-only",
            MoveChecks.PteOnly::new,
            "move-found-untested",
            MoveChecks.FoundUntested::new,
            "move-found-only",
            MoveChecks.FoundOnly::new,
            "fault-none",
            FaultChecks.None::new,
            "fault-same-entry",
            FaultChecks.SameEntry::new));

    private FoundPageRuleSets() {}

    /** All names. */
    public static String[] names() {
        return BY_NAME.keySet().toArray(new String[0]);
    }

    /**
     * The tests called {@code name}.
     *
     * @throws IllegalArgumentException naming what is allowed
     */
    public static FoundPageChecks byName(String name) {
        Supplier<FoundPageChecks> checks = BY_NAME.get(name);
        if (checks == null) {
            throw new IllegalArgumentException(
                    "tests of swapped pages: " + name + " (allowed: " + String.join(", ", names()) + ")");
        }
        return checks.get();
    }
}

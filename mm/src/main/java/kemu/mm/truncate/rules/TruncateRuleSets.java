package kemu.mm.truncate.rules;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import kemu.mm.truncate.TruncateRules;

/**
 * Rules of truncation by name. The command line offers none; a scenario configures its kernel with those that it tries.
 */
public final class TruncateRuleSets {
    /** The name of the default. */
    public static final String CURRENT = "current";

    /** Suppliers, so that a class is loaded only where its rule is chosen and calls to the default stay direct. */
    private static final Map<String, Supplier<TruncateRules>> BY_NAME = new TreeMap<>(Map.of(
            CURRENT,
            () -> new TruncateRules() {},
            "first-pass-only",
            PassRules.FirstPassOnly::new,
            "second-pass-only",
            PassRules.SecondPassOnly::new,
            "cows-last",
            PassRules.CowsLast::new,
            "size-last",
            PassRules.SizeLast::new,
            "punch-even-cows",
            PassRules.PunchEvenCows::new,
            "mapping-not-checked",
            FaultRules.MappingNotChecked::new,
            "size-not-checked",
            FaultRules.SizeNotChecked::new,
            "reference-late",
            CachedRules::new));

    private TruncateRuleSets() {}

    /** All names. */
    public static String[] names() {
        return BY_NAME.keySet().toArray(new String[0]);
    }

    /**
     * The rules called {@code name}.
     *
     * @throws IllegalArgumentException naming what is allowed
     */
    public static TruncateRules byName(String name) {
        Supplier<TruncateRules> rules = BY_NAME.get(name);
        if (rules == null) {
            throw new IllegalArgumentException(
                    "truncation rules: " + name + " (allowed: " + String.join(", ", names()) + ")");
        }
        return rules.get();
    }
}

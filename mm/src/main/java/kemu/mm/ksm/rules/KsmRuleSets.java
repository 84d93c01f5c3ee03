package kemu.mm.ksm.rules;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import kemu.mm.ksm.KsmRules;

/** Rules of merging by name. A scenario configures its kernel with those that it tries, the workload ksm with one. */
public final class KsmRuleSets {
    /** No page is ever merged: the default. */
    public static final String OFF = "off";
    /** Linux 2.6.36. */
    public static final String CURRENT = "2.6.36";

    /** Suppliers, so that a class is loaded only where its rule is chosen and calls to the default stay direct. */
    private static final Map<String, Supplier<KsmRules>> BY_NAME = new TreeMap<>(Map.ofEntries(
            Map.entry(CURRENT, KsmRules::new),
            Map.entry("forgets-dirty", ForgetsDirty::new),
            Map.entry("any-extra-reference", ReferenceRules.AnyExtra::new),
            Map.entry("references-not-counted", ReferenceRules.NotCounted::new),
            Map.entry("counted-first", ReferenceRules.CountedFirst::new),
            Map.entry("not-protected", MergeRules.NotProtected::new),
            Map.entry("pte-not-compared", MergeRules.PteNotCompared::new),
            Map.entry("reuse-not-asked", MergeRules.ReuseNotAsked::new),
            Map.entry("anon-vma-not-held", MergeRules.AnonVmaNotHeld::new),
            Map.entry("copy-by-anon-vma", SwapInRules.ByAnonVma::new),
            Map.entry("copy-not-by-index", SwapInRules.NotByIndex::new),
            Map.entry("sets-mapping-anew", SwapInRules.SetsMappingAnew::new),
            Map.entry("unlocks-cached", SwapInRules.UnlocksCached::new),
            Map.entry("never-copies", SwapInRules.Never::new)));

    private KsmRuleSets() {}

    /** All names of rules; {@link #OFF} is none. */
    public static String[] names() {
        return BY_NAME.keySet().toArray(new String[0]);
    }

    /**
     * The rules called {@code name}; null if no page is merged.
     *
     * @throws IllegalArgumentException naming what is allowed
     */
    public static KsmRules byName(String name) {
        if (name.equals(OFF)) {
            return null;
        }
        Supplier<KsmRules> rules = BY_NAME.get(name);
        if (rules == null) {
            throw new IllegalArgumentException(
                    "rules of merging: " + name + " (allowed: " + OFF + ", " + String.join(", ", names()) + ")");
        }
        return rules.get();
    }
}

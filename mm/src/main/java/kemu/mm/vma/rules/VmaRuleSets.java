package kemu.mm.vma.rules;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import kemu.mm.vma.AdjustLock;
import kemu.mm.vma.CopiedMerge;
import kemu.mm.vma.MoveOrder;
import kemu.mm.vma.VmaRules;

/**
 * Rules of changing VMAs by name: the kernel's, and the same with one rule of another version in its place. The command
 * line offers none; a scenario configures its kernel with those that it tries.
 */
public final class VmaRuleSets {
    /** The name of the default. */
    public static final String CURRENT = "current";

    /** Suppliers, so that a class is loaded only where its rule is chosen and calls to the default stay direct. */
    private static final Map<String, Supplier<VmaRules>> BY_NAME = new TreeMap<>(Map.ofEntries(
            Map.entry(CURRENT, () -> copying(new CopyRules.OnlyIntoTheSame())),
            Map.entry("copies-into-anything", () -> copying(new CopyRules.IntoAnything())),
            Map.entry("copies-not-duplicated", () -> copying(new CopyRules.NotDuplicated())),
            Map.entry("copies-duplicated", () -> copying(new CopyRules.Duplicated())),
            Map.entry("copies-duplicated-unless-forked", () -> copying(new CopyRules.DuplicatedUnlessForked())),
            Map.entry("adjusts-under-own", () -> adjusting(new AdjustRules.OnlyVma())),
            Map.entry("adjusts-unlocked", () -> adjusting(new AdjustRules.Nothing())),
            Map.entry("moves-locked", () -> moving(new MoveRules.AlwaysWait())),
            Map.entry("moves-as-it-is", () -> moving(new MoveRules.AsItIs())),
            Map.entry("moves-to-tail", () -> moving(new MoveRules.MovetoTail())),
            Map.entry("moves-to-tail-once", () -> moving(new MoveRules.MovetoTailOnce()))));

    private VmaRuleSets() {}

    private static VmaRules copying(CopiedMerge copies) {
        return new VmaRules(copies, new AdjustRules.VmaOrNext(), new MoveRules.WaitIfNeeded());
    }

    private static VmaRules adjusting(AdjustLock adjusts) {
        return new VmaRules(new CopyRules.OnlyIntoTheSame(), adjusts, new MoveRules.WaitIfNeeded());
    }

    private static VmaRules moving(MoveOrder moves) {
        return new VmaRules(new CopyRules.OnlyIntoTheSame(), new AdjustRules.VmaOrNext(), moves);
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
    public static VmaRules byName(String name) {
        Supplier<VmaRules> rules = BY_NAME.get(name);
        if (rules == null) {
            throw new IllegalArgumentException(
                    "rules of VMAs: " + name + " (allowed: " + String.join(", ", names()) + ")");
        }
        return rules.get();
    }
}

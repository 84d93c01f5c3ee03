package kemu.check.order;

import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import kemu.hw.cache.MemoryModel;
import kemu.hw.mem.FailureKind;

/**
 * One named ordering point of the kernel and what happens without it.
 *
 * @param name name in {@link kemu.hw.order.Barriers}, what {@code --weaken} takes
 * @param place the class that uses it
 * @param scenario whose check is run without it, as {@code name[/variant[/spinlock]]}
 * @param model the memory model it is run on: weak, unless only another shows it
 * @param search the search that finds the failure soonest
 * @param fate what becomes of its mutant
 * @param kinds of failure that the scenario ends in without it; empty unless {@link Fate#KILLED}
 * @param reason why nothing fails; empty if something does
 * @param shows on what hardware something would; empty unless {@link Fate#INVISIBLE}
 */
public record NamedBarrier(
        String name,
        String place,
        String scenario,
        MemoryModel model,
        String search,
        Fate fate,
        Set<FailureKind> kinds,
        String reason,
        String shows) {
    /** What becomes of a kernel without one of its barriers. */
    public enum Fate {
        /** A scenario fails. */
        KILLED,
        /** Nothing can fail on any hardware that the memory model of the kernel allows, since something else orders. */
        REDUNDANT,
        /** Nothing fails on the hardware modelled, which is stronger than what the kernel promises to run on. */
        INVISIBLE
    }

    static NamedBarrier killed(
            String name, String place, String scenario, FailureKind kind, FailureKind... otherKinds) {
        return row(name, place, scenario, Fate.KILLED, EnumSet.of(kind, otherKinds), "", "");
    }

    /** A barrier that is not needed, since {@code reason} orders all the same. The scenario executes its place. */
    static NamedBarrier redundant(String name, String place, String scenario, String reason) {
        return row(name, place, scenario, Fate.REDUNDANT, Set.of(), reason, "");
    }

    /** A barrier needed on {@code shows}, but not here because of {@code reason}. The scenario executes its place. */
    static NamedBarrier invisible(String name, String place, String scenario, String reason, String shows) {
        return row(name, place, scenario, Fate.INVISIBLE, Set.of(), reason, shows);
    }

    private static NamedBarrier row(
            String name,
            String place,
            String scenario,
            Fate fate,
            Set<FailureKind> kinds,
            String reason,
            String shows) {
        return new NamedBarrier(name, place, scenario, MemoryModel.WEAK, "random", fate, kinds, reason, shows);
    }

    /** The same, found by another search. */
    NamedBarrier by(String other) {
        return new NamedBarrier(name, place, scenario, model, other, fate, kinds, reason, shows);
    }

    /** The same, on a model other than weak. */
    NamedBarrier on(MemoryModel other) {
        return new NamedBarrier(name, place, scenario, other, search, fate, kinds, reason, shows);
    }

    /** True if a scenario fails without it. */
    public boolean needed() {
        return fate == Fate.KILLED;
    }

    /** What happens without it, in words. */
    public String verdict() {
        return switch (fate) {
            case KILLED ->
                "killed by " + scenario + onModel() + ": "
                        + kinds.stream().map(FailureKind::word).collect(Collectors.joining(" or "));
            case REDUNDANT -> "REDUNDANT: " + reason + "; tried by " + scenario;
            case INVISIBLE -> "INVISIBLE HERE: " + reason + "; would show on " + shows + "; tried by " + scenario;
        };
    }

    /** The model, if it is not the one that all others are run on. */
    public String onModel() {
        return model.equals(MemoryModel.WEAK) ? "" : " on " + model.label();
    }

    /** How it orders, as far as its name tells. */
    public String order() {
        int colon = name.indexOf(':');
        return colon < 0 ? "fence" : name.substring(colon + 1);
    }
}

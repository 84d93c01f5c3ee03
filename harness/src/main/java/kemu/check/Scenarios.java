package kemu.check;

import java.util.List;
import kemu.hw.sched.Result.Verdict;
import kemu.mm.rmap.AnonVmaLockingProvider;
import kemu.mm.rmap.lock.AnonVmaLockings;

/** All scenarios, and the verdict expected of every strategy. */
public final class Scenarios {
    private static final List<Scenario> ALL = List.of(new HangChild(), new HangRoot());

    private Scenarios() {}

    /** All scenarios. */
    public static List<Scenario> all() {
        return ALL;
    }

    /** The scenario called {@code name}, or null. */
    public static Scenario byName(String name) {
        for (Scenario one : ALL) {
            if (one.name().equals(name)) {
                return one;
            }
        }
        return null;
    }

    /**
     * What an exhaustive check must find of anon_vma strategy {@code anonVma}: of these scenarios every known-bad one
     * is convicted and every other one holds.
     */
    public static Verdict expected(String anonVma) {
        for (AnonVmaLockingProvider one : AnonVmaLockings.all()) {
            if (one.name().equals(anonVma)) {
                return one.knownBad() ? Verdict.FAIL : Verdict.PASS;
            }
        }
        throw new IllegalArgumentException("anon-vma: " + anonVma);
    }
}

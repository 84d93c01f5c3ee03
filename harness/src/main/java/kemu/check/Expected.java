package kemu.check;

import static kemu.check.scenario.Expectation.HOLDS;
import static kemu.check.scenario.Expectation.NOT_SAID;

import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.Subject;
import kemu.mm.mlock.MlockingProvider;
import kemu.mm.mlock.kind.Mlockings;
import kemu.mm.rmap.AnonVmaLockingProvider;
import kemu.mm.rmap.lock.AnonVmaLockings;
import kemu.mm.vma.VmaLookupProvider;
import kemu.mm.vma.lookup.VmaLookups;

/**
 * What a check of a subject must find. The scenario says it ({@link Scenario#expected}); here it is held against what
 * the scenario cannot know: weakened barriers, and lookups of other authors. Everything that compares a verdict with
 * one that is expected asks here.
 */
public final class Expected {
    private Expected() {}

    /** What must be found of {@code subject}. */
    public static Expectation of(Subject subject) {
        Scenario scenario = Scenarios.byName(subject.scenario());
        if (scenario == null) {
            throw new IllegalArgumentException("scenario: " + subject.scenario());
        }
        if (!subject.weakened().isEmpty()) {
            return NOT_SAID;
        }
        Expectation usual =
                Scenarios.isBuiltIn(scenario.name()) ? ofBuiltIn(scenario, subject) : scenario.expected(subject);
        return subject.keepsFreedBack() ? scenario.whenKeptBack(subject, usual) : usual;
    }

    /** Lookups of other authors hold, unless they are known to be bad, or the rule they are tried with is. */
    private static Expectation ofBuiltIn(Scenario scenario, Subject subject) {
        String variant = subject.variant();
        for (AnonVmaLockingProvider one : AnonVmaLockings.foreign()) {
            if (one.name().equals(scenario.lookup(variant))) {
                return one.knownBad() || scenario.knownBad(variant) ? NOT_SAID : HOLDS;
            }
        }
        for (VmaLookupProvider one : VmaLookups.foreign()) {
            if (one.name().equals(scenario.vmaLookup(variant))) {
                return one.knownBad() || scenario.knownBad(variant) ? NOT_SAID : HOLDS;
            }
        }
        for (MlockingProvider one : Mlockings.foreign()) {
            if (one.name().equals(scenario.mlock(variant)) && one.knownBad()) {
                return NOT_SAID;
            }
        }
        return scenario.expected(subject);
    }

    /** What must be said beside a PASS of {@code subject}: why it proves nothing, or why nothing fails; null if not. */
    public static String remark(Subject subject) {
        return of(subject).remark();
    }
}

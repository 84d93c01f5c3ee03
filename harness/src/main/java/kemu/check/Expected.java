package kemu.check;

import static kemu.check.scenario.Expectation.HOLDS;
import static kemu.check.scenario.Expectation.NOT_SAID;

import java.util.LinkedHashMap;
import java.util.Map;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.Subject;
import kemu.mm.rmap.lock.AnonVmaLockings;

/**
 * What a check of a subject must find: the rows of {@link ExpectedKinds}, as changed by how slabs hand out freed
 * objects ({@link ExpectedReuse}). Everything that compares a verdict with one that is expected asks here.
 */
public final class Expected {
    /** Rows that are not built yet, and what they wait for. */
    private static final String[][] NOT_YET = {
        {"rmap-migrate-get", "page migration"},
        {"rmap-ksm-dirty", "KSM"},
        {"rmap-uffd-move", "moving pages between address spaces"},
        {"rmap-vma-adjust", "page migration"},
    };

    private Expected() {}

    /** What must be found of {@code subject}. */
    public static Expectation of(Subject subject) {
        Scenario scenario = Scenarios.byName(subject.scenario());
        if (scenario == null) {
            throw new IllegalArgumentException("scenario: " + subject.scenario());
        }
        Expectation said = scenario.expected(subject.variant());
        if (said != null) {
            return said;
        }
        if (!subject.weakened().isEmpty()) {
            return NOT_SAID;
        }
        if (!Scenarios.isBuiltIn(subject.scenario())) {
            // Other authors' scenarios hold unless they say something else.
            return HOLDS;
        }
        String lookup = scenario.lookup(subject.variant());
        boolean foreign = lookup != null && isForeign(lookup);
        Expectation usual = foreign ? ofForeign(scenario, subject.variant(), lookup) : ExpectedKinds.of(subject);
        return ExpectedReuse.with(subject, usual);
    }

    /** Lookups of other authors hold, unless they are known to be bad, or the rule they are tried with is. */
    private static Expectation ofForeign(Scenario scenario, String variant, String lookup) {
        boolean bad = AnonVmaLockings.byName(lookup).knownBad() || scenario.knownBad(variant);
        return bad ? NOT_SAID : HOLDS;
    }

    /** Why {@code PASS} of {@code subject} proves nothing: a fault is there and cannot be detected so; null if not. */
    public static String coverageLoss(Subject subject) {
        return of(subject).remark();
    }

    /** Names of scenarios that are not built yet, and what they wait for. */
    public static Map<String, String> notYet() {
        Map<String, String> rows = new LinkedHashMap<>();
        for (String[] row : NOT_YET) {
            rows.put(row[0], row[1]);
        }
        return rows;
    }

    private static boolean isForeign(String anonVma) {
        return AnonVmaLockings.BUILT_IN.stream().noneMatch(one -> one.name().equals(anonVma));
    }
}

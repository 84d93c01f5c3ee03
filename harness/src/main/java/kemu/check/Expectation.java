package kemu.check;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import kemu.hw.sched.Result.Verdict;

/**
 * What a check of one subject must find when it covers everything.
 *
 * @param verdict PASS or FAIL; null if nothing is said of it, or if it does not apply
 * @param kinds the kinds of failure that are the one meant, if it must fail
 * @param remark what must be said beside the verdict, such as why PASS proves nothing; null if nothing
 * @param inapplicable why the scenario makes no sense so, one line; null if it does
 */
public record Expectation(Verdict verdict, Set<FailureKind> kinds, String remark, String inapplicable) {
    /** It holds. */
    public static final Expectation HOLDS = new Expectation(Verdict.PASS, Set.of(), null, null);
    /** Nobody has said what is to be found. */
    public static final Expectation NOT_SAID = new Expectation(null, Set.of(), null, null);

    /** It fails, in one of these ways. */
    public static Expectation fails(FailureKind first, FailureKind... others) {
        Set<FailureKind> kinds = EnumSet.of(first, others);
        if (kinds.contains(FailureKind.UNKNOWN_BUG)) {
            throw new IllegalArgumentException("expected: a failure of no known kind");
        }
        return new Expectation(Verdict.FAIL, Collections.unmodifiableSet(kinds), null, null);
    }

    /** A fault is there and cannot be detected so: it passes, which proves nothing. */
    public static Expectation hides(String why) {
        return new Expectation(Verdict.PASS, Set.of(), "not detected (false safe, coverage loss): " + why, null);
    }

    /** It cannot be checked so. */
    public static Expectation inapplicable(String why) {
        return new Expectation(null, Set.of(), null, why);
    }

    /** True if it can be checked at all. */
    public boolean applies() {
        return inapplicable == null;
    }

    /** True if the verdict {@code found} is another one; UNKNOWN contradicts nothing. */
    public boolean differsFrom(Judgement found) {
        return verdict != null && found.verdict() != Verdict.UNKNOWN && found.verdict() != verdict;
    }

    /** True if it must fail and does, but for another reason. */
    public boolean kindDiffersFrom(Judgement found) {
        return verdict == Verdict.FAIL && found.convicts() && !kinds.contains(found.kind());
    }

    /** In words: PASS, FAIL and the kinds, or a dash. */
    @Override
    public String toString() {
        if (verdict == null) {
            return "-";
        }
        return verdict == Verdict.PASS
                ? "PASS"
                : "FAIL " + kinds.stream().map(FailureKind::word).collect(Collectors.joining("|"));
    }
}

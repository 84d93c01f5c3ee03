package kemu.check.scenario;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import kemu.hw.explore.Result.Verdict;
import kemu.hw.mem.FailureKind;

/**
 * What a check of one subject must find when it covers everything.
 *
 * @param verdict PASS or FAIL; null if nothing is said of it, or if it does not apply
 * @param kinds the kinds of failure that are the one meant, if it must fail
 * @param signs its first signs, with which a search that does not cover everything may have to do
 * @param remark what must be said beside the verdict, such as why PASS proves nothing, or why nothing can fail; null if
 *     nothing
 * @param inapplicable why the scenario makes no sense so, one line; null if it does
 */
public record Expectation(
        Verdict verdict, Set<FailureKind> kinds, Set<FailureKind> signs, String remark, String inapplicable) {
    /** It holds. */
    public static final Expectation HOLDS = new Expectation(Verdict.PASS, Set.of(), Set.of(), null, null);
    /** Nobody has said what is to be found. */
    public static final Expectation NOT_SAID = new Expectation(null, Set.of(), Set.of(), null, null);

    /** It fails, in one of these ways. */
    public static Expectation fails(FailureKind first, FailureKind... others) {
        Set<FailureKind> kinds = EnumSet.of(first, others);
        if (kinds.contains(FailureKind.UNKNOWN_BUG)) {
            throw new IllegalArgumentException("expected: a failure of no known kind");
        }
        return new Expectation(Verdict.FAIL, Collections.unmodifiableSet(kinds), Set.of(), null, null);
    }

    /**
     * A lookup releases the lock of another anon_vma and leaves its own locked: whoever takes that next hangs. A search
     * that only samples interleavings may see no more than that a list was walked under the wrong lock.
     */
    public static Expectation wrongUnlock(Subject subject) {
        // The debugging spinlock knows its owner and reports the wrong unlock itself.
        return subject.spinLock().equals("debug")
                ? fails(FailureKind.BAD_UNLOCK)
                : fails(FailureKind.HANG).withSigns(FailureKind.DATA_RACE, FailureKind.BAD_UNLOCK);
    }

    /** The same, of which a search that does not cover everything may see no more than one of {@code first}. */
    public Expectation withSigns(FailureKind... first) {
        return new Expectation(verdict, kinds, Set.of(first), remark, inapplicable);
    }

    /** A fault is there and cannot be detected so: it passes, which proves nothing. */
    public static Expectation hides(String why) {
        return new Expectation(
                Verdict.PASS, Set.of(), Set.of(), "not detected (false safe, coverage loss): " + why, null);
    }

    /** The same, with what must be said beside the verdict if nothing fails: {@code why} nothing can. */
    public Expectation because(String why) {
        return new Expectation(verdict, kinds, signs, why, inapplicable);
    }

    /** It cannot be checked so. */
    public static Expectation inapplicable(String why) {
        return new Expectation(null, Set.of(), Set.of(), null, why);
    }

    /** It cannot be checked with the slabs of {@code subject}, which keep freed objects back: {@code premise} fails. */
    public static Expectation needsReuse(Subject subject, String premise) {
        return inapplicable(premise + ", and --slab-reuse " + subject.slabReuse() + " keeps freed objects back");
    }

    /** The same with the slabs of {@code subject}, which keep back the object whose next life shows the fault. */
    Expectation keptBack(Subject subject) {
        // A stale lookup harms the next life of the object, or that life harms the lookup.
        boolean faultOfReuse = kinds.contains(FailureKind.HANG)
                || kinds.contains(FailureKind.WRONG_OBJECT)
                || kinds.contains(FailureKind.DATA_RACE);
        return verdict == Verdict.FAIL && faultOfReuse
                ? hides("--slab-reuse " + subject.slabReuse() + " keeps back the object whose reuse shows the fault")
                : this;
    }

    /** True if it can be checked at all. */
    public boolean applies() {
        return inapplicable == null;
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

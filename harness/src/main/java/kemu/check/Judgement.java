package kemu.check;

import kemu.check.scenario.Expectation;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Subject;
import kemu.host.HostLimits;
import kemu.hw.explore.Outcome;
import kemu.hw.explore.Result;
import kemu.hw.explore.Result.Verdict;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;

/**
 * What a check says: the search's result, and whether what stopped it convicts the kernel.
 *
 * @param verdict FAIL is a conviction; a broken scene is UNKNOWN
 * @param kind of the failure, null unless FAIL
 * @param reason why nothing is proved though an execution was stopped, null otherwise; one line
 * @param result of the search; null if there is no scene to search
 * @param notExplored part of the hardware that was not explored though another verdict may depend on it; empty if there
 *     is none
 */
public record Judgement(Verdict verdict, FailureKind kind, String reason, Result result, String notExplored) {
    /** Begins the {@link #reason} of a scene that is broken. */
    private static final String BROKEN = "the scene is not what it should be: ";

    /** The same if all was explored. */
    public Judgement(Verdict verdict, FailureKind kind, String reason, Result result) {
        this(verdict, kind, reason, result, "");
    }

    /**
     * Judges what a check of {@code subject} came to.
     *
     * @throws Plugins.PluginFailure if an execution was stopped by an accident of a plugin's code
     * @throws IllegalStateException if it was one of kemu's
     */
    public static Judgement of(Subject subject, Result result) {
        if (result.verdict() != Verdict.FAIL) {
            return new Judgement(result.verdict(), null, null, result);
        }
        Throwable failure = result.failure();
        if (failure instanceof SceneBroken broken) {
            return new Judgement(Verdict.UNKNOWN, null, BROKEN + broken.getMessage(), result);
        }
        if (result.outcome() == Outcome.LIMIT && !result.fair() && !result.alone()) {
            return new Judgement(
                    Verdict.UNKNOWN,
                    null,
                    "an execution has no end, but this search is not fair to loops that name no word they wait for:"
                            + " try --search random",
                    result);
        }
        if (isAccident(failure)) {
            throw accident(subject, failure);
        }
        return new Judgement(Verdict.FAIL, result.kind(), null, result);
    }

    /** A scene that could not be built. */
    public static Judgement of(SceneBroken broken) {
        return new Judgement(Verdict.UNKNOWN, null, BROKEN + broken.getMessage(), null);
    }

    /** The same, with what was not explored. */
    Judgement withNotExplored(String what) {
        return new Judgement(verdict, kind, reason, result, what);
    }

    /** True if the scene is broken. */
    public boolean broken() {
        return result == null || result.failure() instanceof SceneBroken;
    }

    /** True if the kernel is convicted. */
    public boolean convicts() {
        return verdict == Verdict.FAIL;
    }

    /** True if the verdict is another one than {@code expected}; UNKNOWN contradicts nothing. */
    public boolean differsFrom(Expectation expected) {
        return expected.verdict() != null
                && verdict != Verdict.UNKNOWN
                && verdict != expected.verdict()
                && !isBeyondBoundsOf(expected);
    }

    /** True if a failure is expected and none was found within the bounds of the search: it may lie beyond them. */
    public boolean isBeyondBoundsOf(Expectation expected) {
        return expected.verdict() == Verdict.FAIL
                && verdict == Verdict.PASS
                && !result.bounds().isEmpty();
    }

    /** True if {@code expected} is a failure and this is one, but of another kind. */
    public boolean kindDiffersFrom(Expectation expected) {
        if (expected.verdict() != Verdict.FAIL
                || !convicts()
                || expected.kinds().contains(kind)) {
            return false;
        }
        return result.exhaustive() || !expected.signs().contains(kind);
    }

    /** Executions begun. */
    public long executions() {
        return result == null ? 0 : result.executions();
    }

    /** True if an execution was stopped neither by the kernel nor by an oracle, but by its own code's accident. */
    private static boolean isAccident(Throwable failure) {
        return !(failure instanceof KernelBug || failure instanceof AssertionError);
    }

    private static RuntimeException accident(Subject subject, Throwable failure) {
        String plugin = Plugins.ownerOf(subject);
        if (plugin != null) {
            return Plugins.failed(plugin, failure);
        }
        Error limit = HostLimits.in(failure);
        if (limit != null) {
            throw limit;
        }
        return new IllegalStateException(
                "check " + subject.scenario() + " " + subject.options() + ": " + Plugins.firstLine(failure), failure);
    }
}

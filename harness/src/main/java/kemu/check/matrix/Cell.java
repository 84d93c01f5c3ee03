package kemu.check.matrix;

import java.util.List;
import kemu.check.Judgement;
import kemu.check.Scenarios;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.Subject;
import kemu.hw.explore.Result.Verdict;

/**
 * One cell of the matrix.
 *
 * @param subject what is checked
 * @param expected what must be found
 * @param found what was; null if it was not run, or if a plugin failed
 * @param plugin how a plugin has failed there, one line; null if none has
 * @param replay the command that repeats a failure that is not the one expected; null if there is none
 */
public record Cell(Subject subject, Expectation expected, Judgement found, String plugin, String replay) {
    /** What a cell comes to. */
    public enum Status {
        /** Verdict and kind are those expected, or none are. */
        AS_EXPECTED("as expected"),
        /** The verdict is another. */
        DIFFERS("differs"),
        /** It fails, but in another way. */
        KIND_DIFFERS("kind differs"),
        /** The scene is not what it should be. */
        BROKEN("broken"),
        /** Not all was covered. */
        UNKNOWN("unknown"),
        /** It makes no sense so, and was not run. */
        NOT_APPLICABLE("not applicable");

        private final String words;

        Status(String words) {
            this.words = words;
        }

        /** In words. */
        public String words() {
            return words;
        }
    }

    /** A cell that was run. */
    public static Cell of(Subject subject, Expectation expected, Judgement found, String replay) {
        return new Cell(subject, expected, found, null, replay);
    }

    /** A cell that does not apply. */
    public static Cell inapplicable(Subject subject, Expectation expected) {
        return new Cell(subject, expected, null, null, null);
    }

    /** A cell in which a plugin has failed, as {@code how} says. */
    public static Cell failed(Subject subject, Expectation expected, String how) {
        return new Cell(subject, expected, null, how, null);
    }

    /** What it comes to. */
    public Status status() {
        if (plugin != null) {
            return Status.DIFFERS;
        }
        if (found == null) {
            return Status.NOT_APPLICABLE;
        }
        if (found.broken()) {
            return Status.BROKEN;
        }
        if (found.verdict() == Verdict.UNKNOWN || found.isBeyondBoundsOf(expected)) {
            return Status.UNKNOWN;
        }
        if (found.differsFrom(expected)) {
            return Status.DIFFERS;
        }
        return found.kindDiffersFrom(expected) ? Status.KIND_DIFFERS : Status.AS_EXPECTED;
    }

    /** What was found, in words: a verdict, and the kind of a failure. */
    public String foundWords() {
        if (plugin != null) {
            return "plugin";
        }
        if (found == null) {
            return "-";
        }
        return found.verdict() + (found.kind() == null ? "" : " " + found.kind().word());
    }

    /** What must be said beside the verdicts; empty if nothing. */
    public String remark() {
        if (plugin != null) {
            return plugin;
        }
        return switch (status()) {
            case NOT_APPLICABLE -> "not applicable: " + expected.inapplicable();
            case BROKEN -> found.reason();
            case UNKNOWN ->
                found.isBeyondBoundsOf(expected)
                        ? "the failure is not within " + found.result().bounds()
                        : found.reason() == null ? "not exhausted" : found.reason();
            case DIFFERS, KIND_DIFFERS -> "**" + status().words() + "**";
            case AS_EXPECTED -> {
                String bounds = found.result().bounds();
                String said = found.convicts() || expected.remark() == null ? "" : expected.remark();
                yield bounds.isEmpty() || found.convicts() ? said : ("within " + bounds + "  " + said).strip();
            }
        };
    }

    /** The bugs of real kernels that were as the variant is. */
    public List<Bug> shippedBugs() {
        Scenario scenario = Scenarios.byName(subject.scenario());
        return scenario == null
                ? List.of()
                : scenario.bugs().stream()
                        .filter(bug -> bug.shipped().contains(subject.variant()))
                        .toList();
    }

    /** The first line of what the kernel said; empty if nothing failed. */
    public String headline() {
        if (found == null || !found.convicts()) {
            return "";
        }
        String said = String.valueOf(found.result().failure().getMessage());
        return said.lines().findFirst().orElse("");
    }
}

package kemu.cli;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import kemu.check.Check;
import kemu.check.Expected;
import kemu.check.PluginGuard;
import kemu.check.Plugins;
import kemu.check.Plugins.PluginFailure;
import kemu.check.Subject;
import kemu.hw.sched.Result;
import kemu.hw.sched.Result.Verdict;

/** {@code kemu check all}: every scenario by every variant, what was found beside what is expected. */
final class CheckMatrix {
    private final String model;
    private final long guardMillis;
    private final Function<Check, Result> explore;

    CheckMatrix(String model, long guardMillis, Function<Check, Result> explore) {
        this.model = model;
        this.guardMillis = guardMillis;
        this.explore = explore;
    }

    /** Explores and prints; returns the exit code: 0 if every cell is as expected. */
    int print(List<Subject> subjects) {
        int differ = 0;
        int open = 0;
        for (Subject subject : subjects) {
            Verdict expected = Expected.of(subject).verdict();
            Verdict found = cell(subject);
            if (found == Verdict.UNKNOWN) {
                open++;
            } else if (found == null || expected != null && found != expected) {
                differ++;
            }
        }
        for (Map.Entry<String, String> row : Expected.notYet().entrySet()) {
            System.out.printf("%-20s not yet: waits for %s%n", row.getKey(), row.getValue());
        }
        System.out.println("SUMMARY verb=check scenario=all model=" + model + " verdict="
                + (differ > 0 ? "FAIL" : open > 0 ? "UNKNOWN" : "PASS") + " cells=" + subjects.size() + " differ="
                + differ + " unknown=" + open);
        return differ > 0 ? 1 : open > 0 ? CheckReport.UNKNOWN : 0;
    }

    /** One cell; null if a plugin failed there. */
    private Verdict cell(Subject subject) {
        String plugin = Plugins.ownerOf(subject);
        if (plugin == null) {
            return explored(subject);
        }
        try {
            return PluginGuard.run(plugin, guardMillis, () -> explored(subject));
        } catch (PluginFailure failure) {
            System.out.printf(
                    "%-20s %-22s %-6s %s%n", subject.scenario(), subject.variant(), model, failure.getMessage());
            return null;
        }
    }

    private Verdict explored(Subject subject) {
        try (Check check = new Check(subject)) {
            Result result = explore.apply(check);
            kemu.check.Judgement.of(subject, result);
            Verdict expected = Expected.of(subject).verdict();
            System.out.printf(
                    Locale.ROOT,
                    "%-20s %-22s %-6s expected %-5s found %-8s %10d executions%s%n",
                    subject.scenario(),
                    subject.variant(),
                    model,
                    expected == null ? "-" : expected,
                    result.verdict(),
                    result.executions(),
                    remark(subject, expected, result.verdict()));
            return result.verdict();
        }
    }

    private static String remark(Subject subject, Verdict expected, Verdict found) {
        if (expected == null || found == expected) {
            String loss = Expected.coverageLoss(subject);
            return loss == null ? "" : "  " + loss;
        }
        return found == Verdict.UNKNOWN ? "  not exhausted" : "  **differs**";
    }
}

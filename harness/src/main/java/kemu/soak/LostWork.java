package kemu.soak;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import kemu.report.RunReport;
import kemu.report.Verdict;

/**
 * Work of a run that was not done. A PASS says that it was done, so each of these takes it away unless it is allowed by
 * name: what too little memory does leaves the verdict open, what the kernel must never do is a violation.
 */
public enum LostWork {
    /** Processes that the OOM killer chose. */
    OOM_KILLS(Verdict.UNKNOWN),
    /** Processes that ended before their program did: killed, or without memory for a call. */
    GAVE_UP(Verdict.UNKNOWN),
    /** Processes that never ran because an ancestor ended early or could not fork. */
    SKIPPED(Verdict.UNKNOWN),
    /** Forks that failed for lack of memory or task slots. */
    FORK_FAILURES(Verdict.UNKNOWN),
    /** Grace periods that did not end in time. */
    RCU_STALLS(Verdict.FAIL);

    private final Verdict verdict;

    LostWork(Verdict verdict) {
        this.verdict = verdict;
    }

    /** Its key in a report. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Its name on the command line. */
    public String option() {
        return key().replace('_', '-');
    }

    /** Names of all, as on the command line. */
    public static List<String> options() {
        return Arrays.stream(values()).map(LostWork::option).toList();
    }

    /** Those called {@code names}, each one of {@link #options}. */
    public static Set<LostWork> byOptions(List<String> names) {
        Set<LostWork> set = EnumSet.noneOf(LostWork.class);
        for (LostWork lost : values()) {
            if (names.contains(lost.option())) {
                set.add(lost);
            }
        }
        return set;
    }

    /** Weakens the verdict of {@code report} for what its values say was lost, unless it is {@code allowed}. */
    static void judge(RunReport report, Set<LostWork> allowed) {
        StringBuilder given = new StringBuilder();
        StringBuilder toAllow = new StringBuilder();
        for (LostWork lost : values()) {
            long count = (Long) report.value(lost.key());
            if (count == 0 || allowed.contains(lost)) {
                continue;
            }
            if (lost.verdict == Verdict.FAIL) {
                report.failIf(true, lost.option());
            } else {
                given.append(given.isEmpty() ? "" : ", ")
                        .append(lost.key())
                        .append('=')
                        .append(count);
                toAllow.append(toAllow.isEmpty() ? "" : ",").append(lost.option());
            }
        }
        if (!given.isEmpty()) {
            report.unknown(
                    "lost-work",
                    "work was not done for lack of memory: " + given + " (give it more --memory or --swap, or --allow "
                            + toAllow + ")");
        }
    }
}

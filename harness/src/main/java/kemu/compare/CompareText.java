package kemu.compare;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** A comparison for a terminal: a line for each operation and metric. */
public final class CompareText {
    private static final int LEAST_WIDTH = 24;
    private static final double MOST_PERCENT = 900;

    private static final int MOST_LOCKS = 6;

    /** How locks are compared. */
    static final String LOCKS = "locks: whole runs, not tested; wait: of all CPUs, by second of the run";

    private CompareText() {}

    /** Prints {@code all}; its last line is the SUMMARY. */
    public static void print(Comparison all, PrintStream out) {
        int width = Math.max(
                LEAST_WIDTH,
                2 + all.names().stream().mapToInt(String::length).max().orElse(0));
        table("operation", all.rows(), Metric.values(), all, width, out);
        out.println(Comparison.method());
        List<Comparison.Row> locks = all.locks();
        if (!locks.isEmpty()) {
            int most = Math.min(MOST_LOCKS, locks.size());
            table("lock", locks.subList(0, most), LockMeasure.values(), all, width, out);
            out.println(
                    LOCKS + (locks.size() > most ? "; " + (locks.size() - most) + " more in JSON and the page" : ""));
        }
        notes(all).forEach(note -> out.println("note: " + note));
        out.println(summary(all));
    }

    private static void table(
            String what, List<Comparison.Row> rows, Measure[] measures, Comparison all, int width, PrintStream out) {
        StringBuilder head = new StringBuilder(String.format("%-28s %-5s", what, ""));
        all.names().forEach(name -> head.append(String.format("%" + width + "s", name)));
        out.println(head);
        for (Comparison.Row row : rows) {
            for (int i = 0; i < measures.length; i++) {
                StringBuilder line =
                        new StringBuilder(String.format("%-28s %-5s", i == 0 ? row.name() : "", measures[i].word()));
                for (ComparedValue cell : row.cells().get(i)) {
                    line.append(String.format("%" + width + "s", text(measures[i], cell)));
                }
                out.println(line);
            }
        }
    }

    /** A value and how much it differs from that of the first run. */
    static String text(Measure measure, ComparedValue cell) {
        if (Double.isNaN(cell.value())) {
            return "-";
        }
        String value = measure.text(cell.value());
        return Double.isNaN(cell.percent())
                ? value + "          "
                : value + " " + difference(cell.percent()) + (cell.differs() ? "*" : " ");
    }

    /** In percent, or as a factor where that says more. */
    private static String difference(double percent) {
        double factor = 1 + percent / 100;
        return percent < MOST_PERCENT
                ? String.format(Locale.ROOT, "%+6.1f %%", percent)
                : String.format(Locale.ROOT, factor < 100 ? "x %6.1f" : "x %6.0f", factor);
    }

    /** What to know of the runs. */
    static List<String> notes(Comparison all) {
        List<String> notes = new java.util.ArrayList<>();
        all.runs().forEach(run -> run.problems().forEach(problem -> notes.add(run.folder() + ": " + problem)));
        if (all.runs().stream()
                        .map(run -> String.valueOf(run.configuration().get("commit")))
                        .distinct()
                        .count()
                > 1) {
            notes.add("the runs are of different commits of kemu");
        }
        long few = all.compared().stream().filter(ComparedValue::tooFew).count();
        if (few != 0) {
            notes.add(few + " of " + all.compared().size() + " differences have too few intervals to tell chance from"
                    + " cause: run longer");
        }
        return notes;
    }

    private static String summary(Comparison all) {
        return "SUMMARY verb=compare verdict=PASS runs=" + all.runs().size() + " operations="
                + all.rows().size() + " compared=" + all.compared().size() + " differing="
                + all.compared().stream().filter(ComparedValue::differs).count() + " too_few="
                + all.compared().stream().filter(ComparedValue::tooFew).count();
    }
}

package kemu.campaign;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import kemu.campaign.CellResult.Outcome;
import kemu.host.Shell;

/** The matrix: a row for each subject with its strategies, a column for each model, seeds counted together. */
public final class CampaignTable {
    private static final int MOST_FAILURES = 20;
    /** Characters of a cause; all of it is in the files. */
    private static final int LONGEST_REASON = 160;

    private final CampaignResults results;
    private final Set<String> columns = new LinkedHashSet<>();
    private final Map<String, Map<String, List<CellResult>>> rows = new LinkedHashMap<>();

    /** The matrix of {@code results}. */
    public CampaignTable(CampaignResults results) {
        this.results = results;
        results.results().forEach((cell, result) -> {
            columns.add(cell.column());
            rows.computeIfAbsent(cell.row(), none -> new LinkedHashMap<>())
                    .computeIfAbsent(cell.column(), none -> new ArrayList<>())
                    .add(result);
        });
    }

    Set<String> columns() {
        return columns;
    }

    Map<String, Map<String, List<CellResult>>> rows() {
        return rows;
    }

    /** What cells came to: the words, if they agree, or how many came to what, the worst first. */
    static String words(List<CellResult> cells) {
        Map<Outcome, Map<String, Integer>> counts = new TreeMap<>();
        for (CellResult one : cells) {
            counts.computeIfAbsent(one.verdict(), none -> new TreeMap<>()).merge(one.words(), 1, Integer::sum);
        }
        List<String> parts = new ArrayList<>();
        counts.values()
                .forEach(words -> words.forEach((word, count) -> parts.add(
                        cells.size() == 1
                                ? word
                                : count == cells.size() ? "all " + count + " " + word : count + " " + word)));
        return String.join(", ", parts);
    }

    /** The worst that {@code cells} came to. */
    static Outcome worst(List<CellResult> cells) {
        return cells.stream().map(CellResult::verdict).min(Outcome::compareTo).orElseThrow();
    }

    /** Prints the table, and the first failures with what repeats them. */
    public void print(PrintStream out) {
        List<List<String>> lines = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of(""));
        head.addAll(columns);
        if (columns.stream().anyMatch(name -> !name.isEmpty())) {
            lines.add(head);
        }
        rows.forEach((row, cells) -> {
            List<String> line = new ArrayList<>(List.of(row));
            columns.forEach(column -> line.add(cells.containsKey(column) ? words(cells.get(column)) : "-"));
            lines.add(line);
        });
        int[] widths = new int[columns.size() + 1];
        lines.forEach(line -> {
            for (int i = 0; i < line.size(); i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        });
        for (List<String> line : lines) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < line.size(); i++) {
                text.append(line.get(i))
                        .append(" ".repeat(widths[i] - line.get(i).length() + 2));
            }
            out.println(text.toString().stripTrailing());
        }
        failures(out);
    }

    private void failures(PrintStream out) {
        int told = 0;
        int left = 0;
        for (Map.Entry<CampaignCell, CellResult> one : results.results().entrySet()) {
            Outcome verdict = one.getValue().verdict();
            if (verdict != Outcome.FAIL && verdict != Outcome.ERROR && verdict != Outcome.LOST) {
                continue;
            }
            if (told++ >= MOST_FAILURES) {
                left++;
                continue;
            }
            String said = one.getValue().said();
            out.println(
                    one.getValue().words() + "  " + one.getKey().id() + (said == null ? "" : ": " + shortened(said)));
            String schedule = results.folder().schedule(one.getKey());
            if (verdict == Outcome.FAIL && schedule != null) {
                out.println("  replay: ./kemu replay "
                        + Shell.quote(results.folder().path().resolve(schedule).toString())
                        + plugins(one.getKey().arguments()));
            }
        }
        if (left > 0) {
            out.println("and " + left + " more, in campaign.json and report.html");
        }
    }

    private static String shortened(String said) {
        return said.length() <= LONGEST_REASON ? said : said.substring(0, LONGEST_REASON) + "...";
    }

    /** The plugins of a command, as options. */
    private static String plugins(List<String> words) {
        StringBuilder options = new StringBuilder();
        for (int i = 0; i < words.size() - 1; i++) {
            if (words.get(i).equals("--plugin")) {
                options.append(" --plugin ").append(Shell.quote(words.get(i + 1)));
            }
        }
        return options.toString();
    }
}

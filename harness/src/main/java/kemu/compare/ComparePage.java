package kemu.compare;

import static kemu.report.Html.escape;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import kemu.host.SafeFiles;
import kemu.report.Html;
import kemu.report.plot.Ink;
import kemu.report.plot.Percentiles;
import kemu.report.plot.Picture;
import kemu.results.OperationLatencies;
import kemu.results.RunResults;

/** A comparison as a page: the matrix of strategies and operations, and the percentiles of each operation. */
public final class ComparePage {
    /** Its name in {@code --out}. */
    public static final String NAME = "compare.html";

    private static final int WIDTH = 520;
    private static final int HEIGHT = 300;

    private final Comparison all;

    private ComparePage(Comparison all) {
        this.all = all;
    }

    /** Writes {@code file}. */
    public static void write(Path file, Comparison all) throws IOException {
        SafeFiles.writeText(file, new ComparePage(all)::write);
    }

    private void write(Writer html) throws IOException {
        String workload = String.valueOf(all.runs().getFirst().configuration().get("workload"));
        html.write(Html.page("kemu compare: " + workload, Ink.darkRules()));
        html.write("<p>" + escape(Comparison.method()) + ".</p>\n");
        for (String note : CompareText.notes(all)) {
            html.write("<p>" + escape(note) + "</p>\n");
        }
        runs(html);
        html.write("<h2>Operations</h2>");
        matrix(html, "operation", all.rows(), Metric.values());
        pictures(html);
        if (!all.locks().isEmpty()) {
            html.write("<h2>Locks by class</h2><p class=\"quiet\">" + escape(CompareText.LOCKS) + "</p>");
            matrix(html, "lock", all.locks(), LockMeasure.values());
        }
        html.write("</body></html>\n");
    }

    private void runs(Writer html) throws IOException {
        html.write("<h2>Runs</h2><div class=\"wide\"><table><tr><th>run</th><th>folder</th><th>verdict</th>"
                + "<th class=\"n\">seconds</th><th class=\"n\">seed</th></tr>\n");
        for (int i = 0; i < all.runs().size(); i++) {
            RunResults run = all.runs().get(i);
            String verdict = run.ended() ? run.text("verdict") : "UNKNOWN";
            html.write("<tr><td>" + escape(all.names().get(i)) + "</td><td>" + escape(String.valueOf(run.folder()))
                    + "</td><td class=\"" + escape(verdict) + "\">" + escape(verdict) + "</td><td class=\"n\">"
                    + String.format(Locale.ROOT, "%.1f", run.seconds()) + "</td><td class=\"n\">"
                    + escape(String.valueOf(run.configuration().getOrDefault("seed", ""))) + "</td></tr>\n");
        }
        html.write("</table></div>\n");
    }

    private void matrix(Writer html, String what, List<Comparison.Row> rows, Measure... measures) throws IOException {
        html.write("<div class=\"wide\"><table><tr><th>" + what + "</th><th></th>");
        for (String name : all.names()) {
            html.write("<th class=\"n\">" + escape(name) + "</th>");
        }
        html.write("</tr>\n");
        for (Comparison.Row row : rows) {
            for (int i = 0; i < measures.length; i++) {
                html.write("<tr><td>" + (i == 0 ? escape(row.name()) : "") + "</td><td class=\"quiet\">"
                        + measures[i].word() + "</td>");
                for (ComparedValue cell : row.cells().get(i)) {
                    html.write("<td class=\"n" + kind(measures[i], cell) + "\">"
                            + escape(CompareText.text(measures[i], cell)) + "</td>");
                }
                html.write("</tr>\n");
            }
        }
        html.write("</table></div>\n");
    }

    /** Green for better, red for worse; only where the difference counts. */
    private static String kind(Measure measure, ComparedValue cell) {
        if (!cell.differs()) {
            return "";
        }
        return cell.percent() > 0 == measure.moreIsBetter() ? " PASS" : " FAIL";
    }

    private void pictures(Writer html) throws IOException {
        html.write("<h2>Latency by percentile</h2><div class=\"grid\">\n");
        for (Comparison.Row row : all.rows()) {
            List<OperationLatencies> operations = new ArrayList<>();
            List<String> names = new ArrayList<>();
            for (int i = 0; i < all.runs().size(); i++) {
                OperationLatencies one = all.runs().get(i).latencies().operation(row.name());
                if (one != null) {
                    operations.add(one);
                    names.add(all.names().get(i));
                }
            }
            html.write("<figure><h3>" + escape(row.name()) + "</h3>"
                    + Picture.svg(
                            row.name() + ": latency by percentile of " + String.join(", ", names),
                            WIDTH,
                            HEIGHT,
                            () -> Percentiles.plot(
                                    names,
                                    operations.stream()
                                            .map(OperationLatencies::total)
                                            .toList()))
                    + "</figure>\n");
        }
        html.write("</div>\n");
    }
}

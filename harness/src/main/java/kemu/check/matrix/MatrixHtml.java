package kemu.check.matrix;

import static kemu.report.Html.escape;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import kemu.check.Scenarios;
import kemu.check.matrix.Cell.Status;
import kemu.check.scenario.Bug;
import kemu.host.SafeFiles;

/** The matrix as one HTML page without network, for light and dark screens. */
public final class MatrixHtml {
    private static final String STYLE = ":root{color-scheme:light dark;--ok:#dff3e3;--bad:#f9d4d4;--kind:#fbe2c4;"
            + "--open:#eee8c9;--off:#ececec;--line:#cfcfcf;--text:#1b1b1b;--back:#fff}"
            + "@media(prefers-color-scheme:dark){:root{--ok:#173a22;--bad:#5a1d1d;--kind:#55350f;--open:#474017;"
            + "--off:#2c2c2c;--line:#4a4a4a;--text:#e6e6e6;--back:#161616}}"
            + "body{font:15px/1.45 sans-serif;margin:2em auto;max-width:1300px;padding:0 1em;color:var(--text);"
            + "background:var(--back)}table{border-collapse:collapse;width:100%;font-size:14px}"
            + "td,th{border:1px solid var(--line);padding:.25em .6em;text-align:left;vertical-align:top}"
            + "th[scope=rowgroup]{font-family:monospace}td.n{text-align:right;font-variant-numeric:tabular-nums}"
            + "code,td.c{font-family:monospace}.as-expected .s{background:var(--ok)}.differs .s{background:var(--bad)}"
            + ".kind-differs .s{background:var(--kind)}.broken .s,.unknown .s{background:var(--open)}"
            + ".not-applicable .s{background:var(--off)}";

    private MatrixHtml() {}

    /** Writes {@code file}. */
    public static void write(Path file, Matrix matrix) throws IOException {
        String title = "kemu check " + matrix.scope() + " on " + matrix.model() + ": " + matrix.verdict();
        StringBuilder html = new StringBuilder(50_000);
        html.append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>")
                .append(escape(title));
        html.append("</title><style>")
                .append(STYLE)
                .append("</style></head><body><h1>")
                .append(escape(title));
        html.append("</h1><p>Search ")
                .append(escape(matrix.search()))
                .append(", seed ")
                .append(matrix.seed());
        html.append(".</p><ul>");
        for (Status status : Status.values()) {
            html.append("<li>")
                    .append(matrix.count(status))
                    .append(' ')
                    .append(status.words())
                    .append("</li>");
        }
        html.append("</ul><table><thead><tr><th>scenario<th>variant<th>expected<th>found<th>executions<th>status");
        html.append("</tr></thead>");
        String before = "";
        for (Cell cell : matrix.cells()) {
            String scenario = cell.subject().scenario();
            if (!scenario.equals(before)) {
                long rows = matrix.cells().stream()
                        .filter(one -> one.subject().scenario().equals(scenario))
                        .count();
                html.append("<tbody>");
                row(html, cell, "<th scope=\"rowgroup\" rowspan=\"" + rows + "\">" + escape(scenario) + "</th>");
            } else {
                row(html, cell, "");
            }
            before = scenario;
        }
        html.append("</table><h2>Not built yet</h2><ul>");
        for (Map.Entry<String, String> row : Scenarios.notYet().entrySet()) {
            html.append("<li><code>").append(row.getKey()).append("</code> waits for ");
            html.append(escape(row.getValue())).append("</li>");
        }
        html.append("</ul></body></html>\n");
        SafeFiles.writeString(file, html.toString());
    }

    private static void row(StringBuilder html, Cell cell, String scenario) {
        String style = cell.status().name().toLowerCase(Locale.ROOT).replace('_', '-');
        html.append("<tr class=\"").append(style).append("\">").append(scenario);
        html.append("<td class=\"c\">").append(escape(cell.subject().variant()));
        html.append("<td>").append(escape(cell.expected().toString()));
        html.append("<td class=\"s\">").append(escape(cell.foundWords()));
        html.append("<td class=\"n\">");
        if (cell.found() != null) {
            html.append(cell.found().executions());
        }
        html.append("<td>").append(cell.status().words());
        String remark = cell.remark();
        if (!remark.isEmpty() && !remark.startsWith("*")) {
            html.append(": ").append(escape(remark));
        }
        for (Bug bug : cell.shippedBugs()) {
            html.append("<br>").append(escape(bug.title() + ", " + bug.kernels() + "; " + bug.commits()));
        }
        if (!cell.headline().isEmpty()) {
            html.append("<br><code>").append(escape(cell.headline())).append("</code>");
        }
        if (cell.replay() != null) {
            html.append("<br><a href=\"").append(escape(cell.replay())).append("\">schedule</a>");
        }
        html.append("</tr>\n");
    }
}

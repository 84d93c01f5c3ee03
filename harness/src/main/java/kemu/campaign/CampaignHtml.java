package kemu.campaign;

import static kemu.report.Html.escape;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import kemu.campaign.CellResult.Outcome;
import kemu.host.SafeFiles;

/** The matrix and its failures as one HTML page without network, for light and dark screens. */
final class CampaignHtml {
    private static final String STYLE = ":root{color-scheme:light dark;--ok:#dff3e3;--bad:#f9d4d4;--err:#fbe2c4;"
            + "--open:#eee8c9;--off:#ececec;--line:#cfcfcf;--text:#1b1b1b;--back:#fff}"
            + "@media(prefers-color-scheme:dark){:root{--ok:#173a22;--bad:#5a1d1d;--err:#55350f;--open:#474017;"
            + "--off:#2c2c2c;--line:#4a4a4a;--text:#e6e6e6;--back:#161616}}"
            + "body{font:15px/1.45 sans-serif;margin:2em auto;max-width:1300px;padding:0 1em;color:var(--text);"
            + "background:var(--back)}table{border-collapse:collapse;font-size:14px}"
            + "td,th{border:1px solid var(--line);padding:.25em .6em;text-align:left;vertical-align:top}"
            + "tbody th,code{font-family:monospace;font-weight:normal}.pass{background:var(--ok)}"
            + ".fail{background:var(--bad)}.error,.lost{background:var(--err)}.unknown{background:var(--open)}"
            + ".not_run{background:var(--off)}";

    private CampaignHtml() {}

    /** Writes {@code file}. */
    static void write(Path file, CampaignResults results) throws IOException {
        String title = "kemu campaign " + results.campaign().name() + ": " + results.verdict();
        StringBuilder html = new StringBuilder(50_000);
        html.append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>")
                .append(escape(title))
                .append("</title><style>")
                .append(STYLE)
                .append("</style></head><body><h1>")
                .append(escape(title))
                .append("</h1><p>")
                .append(results.results().size())
                .append(" cells in ")
                .append(results.campaign().shards())
                .append(" shards: ");
        for (Outcome outcome : Outcome.values()) {
            html.append(results.count(outcome))
                    .append(' ')
                    .append(outcome.name().replace('_', ' '))
                    .append(outcome == Outcome.PASS ? ".</p>" : ", ");
        }
        table(html, new CampaignTable(results));
        failures(html, results);
        html.append("</body></html>\n");
        SafeFiles.writeString(file, html.toString());
    }

    private static void table(StringBuilder html, CampaignTable table) {
        html.append("<table><thead><tr><th>subject and strategies");
        table.columns().forEach(column -> html.append("<th>").append(escape(column.isEmpty() ? "found" : column)));
        html.append("</tr></thead><tbody>\n");
        table.rows().forEach((row, cells) -> {
            html.append("<tr><th scope=\"row\">").append(escape(row)).append("</th>");
            for (String column : table.columns()) {
                List<CellResult> found = cells.get(column);
                if (found == null) {
                    html.append("<td>");
                } else {
                    html.append("<td class=\"")
                            .append(css(CampaignTable.worst(found)))
                            .append("\">")
                            .append(escape(CampaignTable.words(found)));
                }
            }
            html.append("</tr>\n");
        });
        html.append("</tbody></table>\n");
    }

    private static String css(Outcome outcome) {
        return outcome.name().toLowerCase(Locale.ROOT);
    }

    private static void failures(StringBuilder html, CampaignResults results) {
        boolean any = false;
        for (Map.Entry<CampaignCell, CellResult> one : results.results().entrySet()) {
            CampaignCell cell = one.getKey();
            CellResult result = one.getValue();
            Outcome verdict = result.verdict();
            if (verdict != Outcome.FAIL && verdict != Outcome.ERROR && verdict != Outcome.LOST) {
                continue;
            }
            if (!any) {
                html.append("<h2>Failures</h2><table><thead><tr><th>cell<th>found<th>why<th>repeat</tr></thead>\n");
                any = true;
            }
            html.append("<tr><td><code>").append(escape(cell.id())).append("</code><td class=\"");
            html.append(css(verdict))
                    .append("\">")
                    .append(escape(result.words()))
                    .append("<td>");
            html.append(escape(result.said() == null ? "" : result.said())).append("<td>");
            link(html, results.folder().schedule(cell), "schedule");
            link(html, results.folder().page(cell), "page");
            html.append("<code>./kemu ").append(escape(String.join(" ", cell.arguments())));
            html.append("</code></tr>\n");
        }
        html.append(any ? "</table>" : "");
    }

    private static void link(StringBuilder html, String to, String word) {
        if (to != null) {
            html.append("<a href=\"")
                    .append(escape(to))
                    .append("\">")
                    .append(word)
                    .append("</a> ");
        }
    }
}

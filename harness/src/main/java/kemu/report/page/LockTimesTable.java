package kemu.report.page;

import static kemu.report.Html.escape;

import java.io.IOException;
import java.io.Writer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import kemu.results.RunResults;

/** Waits and holds of a run by class of lock, those first that were waited for longest. */
final class LockTimesTable {
    private static final List<String> COLUMNS = List.of("sum", "p50", "p99", "max");

    private LockTimesTable() {}

    /** Writes nothing of a run that did not measure them, or has not ended. */
    static void write(Writer html, RunResults run) throws IOException {
        if (!(run.json().get("locks") instanceof List<?> locks) || locks.isEmpty()) {
            return;
        }
        html.write(
                "<h2>Locks by class</h2><p class=\"quiet\">Microseconds, sums in milliseconds; of the host's clock, so"
                        + " that a lock whose CPU the host held up was held for long.</p><div class=\"wide\"><table>\n"
                        + "<tr><th>class</th><th>kind</th><th class=\"n\">acquired</th><th class=\"n\">contended</th>");
        for (String what : List.of("wait", "hold")) {
            for (String column : COLUMNS) {
                html.write("<th class=\"n\">" + what + " " + column + "</th>");
            }
        }
        html.write("</tr>\n");
        for (Object one : locks) {
            if (one instanceof Map<?, ?> row) {
                row(html, row);
            }
        }
        html.write("</table></div>\n");
    }

    private static void row(Writer html, Map<?, ?> row) throws IOException {
        String mode = String.valueOf(row.get("mode"));
        html.write("<tr><td>" + escape(row.get("class") + (mode.equals("own") ? "" : " (" + mode + ")")) + "</td><td>"
                + escape(String.valueOf(row.get("kind"))) + "</td>");
        cell(html, "%.0f", number(row, "hold_ns", "count"));
        cell(html, "%.0f", number(row, "wait_ns", "count"));
        for (String times : List.of("wait_ns", "hold_ns")) {
            for (String column : COLUMNS) {
                double nanos = number(row, times, column);
                cell(html, "%.2f", column.equals("sum") ? nanos / 1e6 : nanos / 1e3);
            }
        }
        html.write("</tr>\n");
    }

    private static void cell(Writer html, String format, double value) throws IOException {
        html.write("<td class=\"n\">" + String.format(Locale.ROOT, format, value) + "</td>");
    }

    private static double number(Map<?, ?> row, String times, String column) {
        return row.get(times) instanceof Map<?, ?> map && map.get(column) instanceof Number number
                ? number.doubleValue()
                : 0;
    }
}

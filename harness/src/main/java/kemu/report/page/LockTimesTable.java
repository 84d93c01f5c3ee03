package kemu.report.page;

import static kemu.report.Html.escape;

import java.io.IOException;
import java.io.Writer;
import java.util.List;
import java.util.Locale;
import kemu.locks.LockFigures;
import kemu.results.RunResults;

/** Waits and holds of a run by class of lock, those first that were waited for longest. */
final class LockTimesTable {
    private static final List<String> COLUMNS = List.of("sum", "p50", "p99", "max");

    private LockTimesTable() {}

    /** Writes nothing of a run that did not measure them, or has not ended. */
    static void write(Writer html, RunResults run) throws IOException {
        List<LockFigures> locks = LockFigures.all(run.json().get("locks"));
        if (locks.isEmpty()) {
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
        for (LockFigures one : locks) {
            html.write("<tr><td>" + escape(one.name()) + "</td><td>" + escape(one.kind()) + "</td>");
            cell(html, String.valueOf(one.holds().count()));
            cell(html, String.valueOf(one.waits().count()));
            times(html, one.waits());
            times(html, one.holds());
            html.write("</tr>\n");
        }
        html.write("</table></div>\n");
    }

    private static void times(Writer html, LockFigures.Times times) throws IOException {
        cell(html, String.format(Locale.ROOT, "%.2f", times.sum() / 1e6));
        for (long nanos : new long[] {times.p50(), times.p99(), times.max()}) {
            cell(html, nanos == LockFigures.UNKNOWN ? "-" : String.format(Locale.ROOT, "%.2f", nanos / 1e3));
        }
    }

    private static void cell(Writer html, String text) throws IOException {
        html.write("<td class=\"n\">" + text + "</td>");
    }
}

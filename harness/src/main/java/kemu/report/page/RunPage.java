package kemu.report.page;

import static kemu.report.Html.escape;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import kemu.host.SafeFiles;
import kemu.report.Html;
import kemu.report.plot.Ink;
import kemu.results.RunResults;

/** {@code report.html}: a run as one file with pictures inside. What was found stands first. */
public final class RunPage {
    /** Its name in the directory of a run. */
    public static final String NAME = "report.html";

    private final RunResults run;
    private final List<Mishap> events;

    private RunPage(RunResults run) {
        this.run = run;
        events = Mishap.of(run);
    }

    /** Writes {@code file} from what {@code run} has left. */
    public static void write(Path file, RunResults run) throws IOException {
        SafeFiles.writeText(file, new RunPage(run)::write);
    }

    private void write(Writer html) throws IOException {
        html.write(Html.page(title(), Ink.darkRules()));
        verdict(html);
        EventTable.write(html, events);
        html.write("<h2>Latencies</h2>\n");
        new LatencyPictures(run, events).write(html);
        new OverTime(run, events).write(html);
        LockTimesTable.write(html, run);
        notes(html);
        values(html, "Asked for", run.configuration());
        values(html, "Values", run.json());
        html.write("</body></html>\n");
    }

    private String workload() {
        return String.valueOf(run.configuration().getOrDefault("workload", run.text("workload")));
    }

    private String title() {
        return "kemu run " + workload() + (run.ended() ? ": " + run.text("verdict") : "");
    }

    /** What was found and what brought it about. */
    private void verdict(Writer html) throws IOException {
        if (run.ended()) {
            html.write("<p><b class=\"" + escape(run.text("verdict")) + "\">" + escape(run.text("verdict")) + " "
                    + escape(run.text("kind")) + "</b> after " + EventTable.duration(run.seconds()) + "</p>\n");
        } else {
            html.write("<p><b class=\"UNKNOWN\">No verdict</b>: what was recorded in the first "
                    + EventTable.duration(run.seconds()) + "</p>\n");
        }
        for (String problem : run.problems()) {
            html.write("<p><b>" + escape(problem) + "</b></p>\n");
        }
        for (String line : run.text("cause").lines().toList()) {
            html.write("<p><b>" + escape(line) + "</b></p>\n");
        }
        if (!run.text("failure").isEmpty()) {
            html.write("<pre>" + escape(run.text("failure")) + "</pre>\n");
        }
        if (run.ended() && !run.text("verdict").equals("PASS")) {
            for (String note : run.lines("notes")) {
                html.write("<p>" + escape(note) + "</p>\n");
            }
        }
    }

    private void notes(Writer html) throws IOException {
        if (run.text("verdict").equals("PASS") && !run.lines("notes").isEmpty()) {
            html.write("<h2>Notes</h2>\n");
            for (String note : run.lines("notes")) {
                html.write("<p>" + escape(note) + "</p>\n");
            }
        }
    }

    /** Those of {@code values} that are one word or number each, or a list of them. */
    private static void values(Writer html, String title, Map<String, Object> values) throws IOException {
        if (values.isEmpty()) {
            return;
        }
        html.write("<h2>" + title + "</h2><table>\n");
        for (Map.Entry<String, Object> value : values.entrySet()) {
            if (!(value.getValue() instanceof Map)
                    && !List.of("notes", "cause", "failure").contains(value.getKey())) {
                String text = value.getValue() instanceof List<?> list
                        ? String.join(" ", list.stream().map(String::valueOf).toList())
                        : String.valueOf(value.getValue());
                html.write("<tr><td>" + escape(value.getKey()) + "</td><td>" + escape(text) + "</td></tr>\n");
            }
        }
        html.write("</table>\n");
    }
}

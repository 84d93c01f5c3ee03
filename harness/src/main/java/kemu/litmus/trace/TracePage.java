package kemu.litmus.trace;

import java.util.List;
import kemu.litmus.ast.LitmusTest;

/** The picture: one page without scripts or network, a column for each process, a row for each step. */
final class TracePage {
    private static final String STYLE = "body{font:15px/1.45 sans-serif;max-width:1200px;margin:2em auto;padding:0 1em}"
            + "table{border-collapse:collapse;width:100%;margin:.5em 0 2em}"
            + "th,td{border:1px solid #ccc;padding:.35em .5em;vertical-align:top;text-align:left}"
            + "th{background:#f0f0f0}td.n{color:#777;text-align:right}"
            + "td.on{background:#fff6dc}td.hw{background:#eef4ff}"
            + "code,pre{font:13px/1.4 monospace}pre{background:#f6f6f6;padding:1em;overflow-x:auto}"
            + ".s,.o{display:inline-block;border-radius:.6em;padding:0 .5em;margin:.15em .2em 0 0;font:12px monospace}"
            + ".s{background:#ffd9a8}.o{background:#cfd8e6;text-decoration:line-through}"
            + ".key{color:#555}.new{font-weight:bold}";

    private TracePage() {}

    static String of(LitmusTest test, List<ModelTrace> traces) {
        StringBuilder html = new StringBuilder(20_000);
        html.append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>")
                .append(escape(test.name()))
                .append("</title><style>")
                .append(STYLE)
                .append("</style></head><body><h1>")
                .append(escape(test.name()))
                .append("</h1><p>")
                .append(escape(test.quantifier() + " " + test.text()))
                .append("</p>");
        traces.forEach(trace -> section(html, trace));
        source(html, test);
        return html.append("</body></html>\n").toString();
    }

    private static void section(StringBuilder html, ModelTrace trace) {
        html.append("<h2>").append(trace.model().label()).append("</h2><p>");
        html.append(escape(capital(trace.headline()))).append(".</p>");
        reasons(html, trace);
        if (trace.table() != null) {
            html.append("<pre>").append(escape(trace.table())).append("</pre><p>At the end: <code>");
            html.append(escape(trace.outcome())).append("</code></p>");
        }
        if (trace.steps().isEmpty()) {
            return;
        }
        boolean machine = trace.steps().get(0).memory() != null;
        if (machine) {
            html.append("<p class=\"key\">Yellow: the process executes. Blue: the hardware acts by itself. ")
                    .append("<span class=\"s\">x=1</span> a store that only its CPU sees yet. ")
                    .append("<span class=\"o\">x=0</span> an old value of a word that its CPU has yet to read.</p>");
        }
        html.append("<p>").append(TraceDiagram.of(trace)).append("</p>");
        html.append("<p class=\"key\">An arrow leads from the step that gave a value to the read that got it.</p>");
        html.append("<table><tr><th></th>");
        for (int p = 0; p < trace.processes(); p++) {
            html.append("<th>P").append(p).append("</th>");
        }
        html.append(machine ? "<th>memory</th></tr>" : "</tr>");
        String memory = null;
        for (int i = 0; i < trace.steps().size(); i++) {
            TraceStep step = trace.steps().get(i);
            row(html, trace, step, i + 1, memory);
            memory = step.memory();
        }
        html.append("</table><p>At the end: <code>")
                .append(escape(trace.outcome()))
                .append("</code></p>");
    }

    private static void reasons(StringBuilder html, ModelTrace trace) {
        if (trace.reasons().isEmpty()) {
            return;
        }
        html.append("<p class=\"key\">Each event must come before the next, by the relation of the model between them;")
                .append(" the last comes before the first, which cannot be.</p>")
                .append("<table><tr><th></th><th>event</th><th>line</th><th>is before, by</th><th>event</th>"
                        + "<th>line</th></tr>");
        int number = 0;
        for (ModelTrace.Reason reason : trace.reasons()) {
            html.append("<tr><td class=\"n\">").append(++number).append("</td>");
            place(html, reason.from(), reason.fromLine());
            html.append("<td><b>").append(escape(reason.name())).append("</b></td>");
            place(html, reason.to(), reason.toLine());
            html.append("</tr>");
        }
        html.append("</table>");
    }

    private static void place(StringBuilder html, String what, int line) {
        html.append("<td class=\"on\"><code>")
                .append(escape(what))
                .append("</code></td><td class=\"n\">")
                .append(line)
                .append("</td>");
    }

    private static void row(StringBuilder html, ModelTrace trace, TraceStep step, int number, String before) {
        html.append("<tr><td class=\"n\">").append(number).append("</td>");
        for (int p = 0; p < trace.processes(); p++) {
            boolean acts = step.process() == p;
            html.append(acts ? step.hardware() ? "<td class=\"hw\">" : "<td class=\"on\">" : "<td>");
            if (acts) {
                html.append("<code>").append(escape(step.what())).append("</code><br>");
            }
            if (p < step.after().size()) {
                step.after().get(p).stores().forEach(store -> chip(html, "s", store));
                step.after().get(p).old().forEach(old -> chip(html, "o", old));
            }
            html.append("</td>");
        }
        if (step.memory() != null) {
            boolean changed = before != null && !before.equals(step.memory());
            html.append(changed ? "<td class=\"new\"><code>" : "<td><code>")
                    .append(escape(step.memory()))
                    .append("</code></td>");
        }
        html.append("</tr>");
    }

    private static void chip(StringBuilder html, String kind, String text) {
        html.append("<span class=\"")
                .append(kind)
                .append("\">")
                .append(escape(text))
                .append("</span>");
    }

    private static void source(StringBuilder html, LitmusTest test) {
        html.append("<h2>The test</h2><pre>").append(escape(test.source())).append("</pre>");
    }

    private static String capital(String text) {
        return Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}

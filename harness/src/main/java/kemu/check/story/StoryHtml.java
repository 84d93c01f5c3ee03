package kemu.check.story;

import static kemu.report.Html.escape;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kemu.host.SafeFiles;

/**
 * A story as one HTML file without network: a picture of who ran when and who held which lock, then every step with
 * what it did to its cache line.
 */
public final class StoryHtml {
    private static final int WIDTH = 1200;
    private static final int LANE = 26;
    private static final int LEFT = 330;
    private static final String[] COLOURS = {"#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#bbbbbb"
    };
    private static final String STYLE = "body{font:15px/1.4 sans-serif;margin:2em auto;max-width:1500px;padding:0 1em}"
            + "pre{background:#f4f4f4;padding:1em;overflow-x:auto}.cause{background:#fff3cd;padding:.8em;border-left:"
            + "6px solid #e0a800}table{border-collapse:collapse;font:12px/1.35 monospace;width:100%}"
            + "td,th{text-align:left;"
            + "vertical-align:top;padding:.1em .6em;border-bottom:1px solid #eee}tr.own td{color:#999}.l{color:#777}"
            + ".b{color:#a0522d}tr.lock td{background:#eef6ff}tr.unlock td{background:#f3fff0}"
            + "tr.wait td{background:#ffe5e5}svg{max-width:100%}";

    private StoryHtml() {}

    /** Writes {@code file}. */
    public static void write(Path file, String title, Story story, String replay) throws IOException {
        StringBuilder html = new StringBuilder(100_000);
        html.append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>");
        html.append(escape(title)).append("</title><style>").append(STYLE).append("</style></head><body><h1>");
        html.append(escape(title)).append("</h1><p class=\"cause\">").append(escape(story.cause()));
        html.append("</p><h2>Who ran, and who held which lock</h2>").append(picture(story));
        html.append("<h2>What the kernel said</h2><pre>")
                .append(escape(story.failure()))
                .append("</pre>");
        html.append("<p>Repeat it: <code>").append(escape(replay)).append("</code></p><h2>Step by step</h2>");
        table(html, story);
        html.append("</body></html>\n");
        SafeFiles.writeString(file, html.toString());
    }

    private static String picture(Story story) {
        List<LockSpan> spans = shared(story);
        // One lane per lock, in the order in which they are first taken.
        Map<Long, Integer> lanes = new LinkedHashMap<>();
        spans.forEach(span -> lanes.putIfAbsent(span.address(), lanes.size()));
        int steps = Math.max(1, story.steps().size());
        int height = LANE * (story.cpus() + lanes.size() + 1);
        StringBuilder svg = new StringBuilder();
        svg.append("<svg viewBox=\"0 0 ").append(WIDTH).append(' ').append(height);
        svg.append("\" font-family=\"monospace\" font-size=\"12\">");
        for (int cpu = 0; cpu < story.cpus(); cpu++) {
            text(svg, 0, LANE * cpu + 17, "CPU#" + cpu + " " + StoryTable.taskOf(story, cpu));
        }
        runs(svg, story, steps);
        Set<Long> named = new HashSet<>();
        for (LockSpan span : spans) {
            int y = LANE * (story.cpus() + lanes.get(span.address()));
            if (named.add(span.address())) {
                text(svg, 0, y + 17, span.lock());
            }
            String title = span.lock() + " by " + span.task() + " on CPU#" + span.cpu() + ", steps " + span.from()
                    + " to " + (span.left() ? "the end: never freed" : String.valueOf(span.to()));
            String colour = span.left() ? "#cc3311" : colour(span.cpu());
            bar(svg, span.from(), span.to(), steps, y + 5, LANE - 10, colour, title);
        }
        int y = LANE * (story.cpus() + lanes.size()) + 14;
        text(svg, LEFT, y, "step 1");
        text(svg, WIDTH - 70, y, "step " + steps);
        return svg.append("</svg>").toString();
    }

    /** Spans of locks that more than one CPU takes or waits for, or that are left locked. */
    private static List<LockSpan> shared(Story story) {
        Map<Long, Long> cpus = new HashMap<>();
        for (LockEvent event : story.locks()) {
            cpus.merge(event.lock(), 1L << event.cpu(), (a, b) -> a | b);
        }
        return LockSpan.of(story).stream()
                .filter(span -> span.left() || Long.bitCount(cpus.get(span.address())) > 1)
                .toList();
    }

    private static void runs(StringBuilder svg, Story story, int steps) {
        int from = 0;
        for (int i = 1; i <= story.steps().size(); i++) {
            int cpu = story.steps().get(from).cpu();
            if (i == story.steps().size() || story.steps().get(i).cpu() != cpu) {
                String title = story.steps().get(from).task() + ", steps " + (from + 1) + " to " + i;
                bar(svg, from + 1, i, steps, LANE * cpu + 3, LANE - 6, colour(cpu), title);
                from = i;
            }
        }
    }

    private static String colour(int cpu) {
        return COLOURS[cpu % COLOURS.length];
    }

    private static void bar(
            StringBuilder svg, int from, int to, int steps, int y, int height, String colour, String title) {
        double scale = (double) (WIDTH - LEFT) / steps;
        svg.append("<rect x=\"")
                .append(Math.round(LEFT + (from - 1) * scale))
                .append("\" y=\"")
                .append(y);
        svg.append("\" width=\"")
                .append(Math.max(3, Math.round((to - from + 1) * scale)))
                .append("\" height=\"");
        svg.append(height)
                .append("\" fill=\"")
                .append(colour)
                .append("\"><title>")
                .append(escape(title));
        svg.append("</title></rect>");
    }

    private static void text(StringBuilder svg, int x, int y, String text) {
        svg.append("<text x=\"")
                .append(x)
                .append("\" y=\"")
                .append(y)
                .append("\">")
                .append(escape(text));
        svg.append("</text>");
    }

    private static void table(StringBuilder html, Story story) {
        html.append("<table><tr><th>step</th>");
        for (int cpu = 0; cpu < story.cpus(); cpu++) {
            html.append("<th>CPU#").append(cpu).append(' ').append(escape(StoryTable.taskOf(story, cpu)));
            html.append("</th>");
        }
        html.append("<th>cache line</th><th>store buffer of this CPU</th></tr>");
        boolean[] told = story.worthTelling();
        LineStory lines = new LineStory(story.buffered());
        Map<Integer, String> locking = new HashMap<>();
        for (LockSpan span : LockSpan.of(story)) {
            locking.put(span.from(), "lock");
            locking.putIfAbsent(span.left() ? 0 : span.to(), "unlock");
        }
        for (int i = 0; i < told.length; i++) {
            Step step = story.steps().get(i);
            String line = lines.follow(step);
            String kind = step.waits() ? "wait" : locking.getOrDefault(step.number(), "");
            html.append("<tr class=\"")
                    .append(told[i] ? kind : "own")
                    .append("\"><td>")
                    .append(step.number());
            html.append("</td>");
            for (int cpu = 0; cpu < story.cpus(); cpu++) {
                html.append("<td title=\"")
                        .append(escape(String.join(" < ", step.calls())))
                        .append("\">");
                html.append(cpu == step.cpu() ? escape(StoryTable.text(step)) : "")
                        .append("</td>");
            }
            html.append("<td class=\"l\">").append(line.isEmpty() ? "" : "0x" + Long.toHexString(step.line()) + " ");
            html.append(escape(line)).append("</td><td class=\"b\">");
            html.append(escape(String.join("; ", step.buffered()))).append("</td></tr>");
        }
        html.append("</table>");
    }
}

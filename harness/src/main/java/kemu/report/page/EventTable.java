package kemu.report.page;

import static kemu.report.Html.escape;

import java.io.IOException;
import java.io.Writer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What went wrong when, as a section of a page: a few of them one by one, many by kind and folded up. */
final class EventTable {
    /** More than so many would push what else was measured off the first screen. */
    private static final int FEW = 12;

    private static final int MOST = 1000;

    private EventTable() {}

    /** Writes {@code events}, which are in order of time; nothing if there are none. */
    static void write(Writer html, List<Mishap> events) throws IOException {
        if (events.isEmpty()) {
            return;
        }
        html.write("<h2>Events</h2><p class=\"quiet\">Marked in all pictures over time.</p>\n");
        if (events.size() <= FEW) {
            oneByOne(html, events);
            return;
        }
        byKind(html, events);
        html.write("<details><summary>" + events.size() + " events in order of time</summary>\n");
        oneByOne(html, events.subList(0, Math.min(MOST, events.size())));
        if (events.size() > MOST) {
            html.write("<p>and " + (events.size() - MOST) + " more</p>\n");
        }
        html.write("</details>\n");
    }

    private static void oneByOne(Writer html, List<Mishap> events) throws IOException {
        html.write("<table>\n");
        for (Mishap event : events) {
            html.write("<tr><td class=\"n\">" + duration(event.seconds()) + "</td><td class=\"FAIL\">"
                    + escape(event.what()) + "</td></tr>\n");
        }
        html.write("</table>\n");
    }

    private static void byKind(Writer html, List<Mishap> events) throws IOException {
        Map<String, Kind> kinds = new LinkedHashMap<>();
        events.forEach(event -> kinds.computeIfAbsent(event.kind(), name -> new Kind(event.seconds()))
                .add(event));
        html.write("<table>\n<tr><th></th>" + head("events") + head("first") + head("last") + head("longest")
                + head("in all") + "</tr>\n");
        for (Map.Entry<String, Kind> kind : kinds.entrySet()) {
            Kind all = kind.getValue();
            html.write("<tr><td class=\"FAIL\">" + escape(kind.getKey()) + "</td>");
            html.write(cell(String.format(Locale.ROOT, "%,d", all.times)) + cell(duration(all.first)));
            html.write(cell(duration(all.last)) + cell(lasting(all.longest)) + cell(lasting(all.millis)) + "</tr>\n");
        }
        html.write("</table>\n");
    }

    private static String head(String text) {
        return "<th class=\"n\">" + text + "</th>";
    }

    private static String cell(String text) {
        return "<td class=\"n\">" + text + "</td>";
    }

    private static String lasting(long millis) {
        return millis == 0 ? "" : millis < 1000 ? millis + " ms" : duration(millis / 1e3);
    }

    /** {@code seconds} in the unit that people would use. */
    static String duration(double seconds) {
        return seconds < 120
                ? String.format(Locale.ROOT, "%.1f s", seconds)
                : seconds < 7200
                        ? String.format(Locale.ROOT, "%.1f min", seconds / 60)
                        : String.format(Locale.ROOT, "%.2f h", seconds / 3600);
    }

    /** All events of one kind. */
    private static final class Kind {
        private final double first;
        private double last;
        private long times;
        private long longest;
        private long millis;

        Kind(double first) {
            this.first = first;
        }

        void add(Mishap event) {
            times++;
            last = event.seconds();
            longest = Math.max(longest, event.millis());
            millis += event.millis();
        }
    }
}

package kemu.report.page;

import static kemu.report.Html.escape;

import java.io.IOException;
import java.io.Writer;
import java.util.List;
import java.util.Locale;
import kemu.report.plot.LatencyFormat;
import kemu.report.plot.Percentiles;
import kemu.report.plot.Picture;
import kemu.report.plot.Plot;
import kemu.report.plot.Shades;
import kemu.report.plot.TimeUnit;
import kemu.results.HeatMap;
import kemu.results.OperationLatencies;
import kemu.results.RunResults;
import org.HdrHistogram.Histogram;

/** Latencies: for each operation its percentiles over the whole run, and how they were spread at each time. */
final class LatencyPictures {
    private static final int HEIGHT = 230;
    private static final int LEFT_WIDTH = 430;
    private static final int RIGHT_WIDTH = 650;
    /** The palest shade is for less than this share of a column; each next one for three times as much. */
    private static final double PALEST = 3e-4;

    private final RunResults run;
    private final TimeUnit unit;
    private final double[] alarms;

    LatencyPictures(RunResults run, List<Mishap> events) {
        this.run = run;
        unit = TimeUnit.of(run.latencies().seconds());
        alarms = events.stream()
                .mapToDouble(event -> unit.from(event.seconds()))
                .distinct()
                .toArray();
    }

    /** Writes a table and the pictures. */
    void write(Writer html) throws IOException {
        List<OperationLatencies> all = run.latencies().operations().stream()
                .filter(one -> one.total().getTotalCount() != 0)
                .toList();
        if (all.isEmpty()) {
            html.write("<p>No latencies are recorded.</p>\n");
            return;
        }
        table(html, all);
        html.write("<p class=\"quiet\">Left: latency by percentile, over the whole run. Right: latency by time; the"
                + " stronger the shade, the larger its share of the operations of that time, a shade for each factor"
                + " of 3; the palest is less than 0.03&nbsp;%.</p>\n");
        for (OperationLatencies one : all) {
            html.write("<figure class=\"heat\" id=\"op-" + escape(one.name()) + "\"><h3>" + escape(one.name())
                    + " <span class=\"quiet\">" + summary(one) + "</span></h3><div class=\"pair\">"
                    + percentiles(one) + heat(one) + "</div></figure>\n");
        }
    }

    private static void table(Writer html, List<OperationLatencies> all) throws IOException {
        html.write("<div class=\"wide\"><table><tr><th>operation</th><th class=\"n\">count</th>");
        for (String column : List.of("p50", "p90", "p99", "p99.9", "max")) {
            html.write("<th class=\"n\">" + column + "</th>");
        }
        html.write("</tr>\n");
        for (OperationLatencies one : all) {
            Histogram total = one.total();
            html.write("<tr><td><a href=\"#op-" + escape(one.name()) + "\">" + escape(one.name())
                    + "</a></td><td class=\"n\">" + total.getTotalCount() + "</td>");
            for (double percentile : new double[] {50, 90, 99, 99.9, 100}) {
                html.write("<td class=\"n\">" + LatencyFormat.text(total.getValueAtPercentile(percentile)) + "</td>");
            }
            html.write("</tr>\n");
        }
        html.write("</table></div>\n");
    }

    private static String summary(OperationLatencies one) {
        Histogram total = one.total();
        return String.format(
                Locale.ROOT,
                "%,d times, p50 %s, p99 %s, max %s",
                total.getTotalCount(),
                LatencyFormat.text(total.getValueAtPercentile(50)),
                LatencyFormat.text(total.getValueAtPercentile(99)),
                LatencyFormat.text(total.getMaxValue()));
    }

    private static String percentiles(OperationLatencies one) {
        return Picture.svg(
                one.name() + ": latency by percentile",
                LEFT_WIDTH,
                HEIGHT,
                () -> Percentiles.plot(List.of(one.name()), List.of(one.total())));
    }

    private String heat(OperationLatencies one) {
        HeatMap heat = one.heat();
        return Picture.svg(one.name() + ": latency by time", RIGHT_WIDTH, HEIGHT, () -> {
            var time = Plot.numbers(unit.label());
            time.setRange(0, unit.from(Math.max(1e-3, run.latencies().seconds())));
            return new Plot(
                            time,
                            Plot.latencies(
                                    one.total().getMinValue(), one.total().getMaxValue()))
                    .shades(shades(heat))
                    .alarms(alarms);
        });
    }

    /** Neighbours of one row in the same shade are one rectangle. */
    private Shades shades(HeatMap heat) {
        Shades shades = new Shades();
        for (int row = 0; row < heat.rows(); row++) {
            int begin = 0;
            int level = -1;
            for (int column = 0; column <= heat.columns(); column++) {
                int next = column == heat.columns() ? -1 : level(heat.share(column, row));
                if (next != level) {
                    if (level >= 0) {
                        double width = unit.from(heat.width());
                        double end = Math.min(
                                column * width, unit.from(run.latencies().seconds()));
                        shades.add(level, begin * width, end, HeatMap.nanos(row), HeatMap.nanos(row + 1));
                    }
                    begin = column;
                    level = next;
                }
            }
        }
        return shades;
    }

    /** Shade of a cell with so much of its column; negative for an empty one. */
    private static int level(double share) {
        if (share == 0) {
            return -1;
        }
        int level = share < PALEST ? 0 : 1 + (int) (Math.log(share / PALEST) / Math.log(3));
        return Math.min(level, Shades.LEVELS - 1);
    }
}

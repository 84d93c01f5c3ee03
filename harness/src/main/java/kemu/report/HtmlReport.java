package kemu.report;

import static kemu.report.Html.escape;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import kemu.host.SafeFiles;
import kemu.latency.Latencies;
import org.HdrHistogram.Histogram;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** {@code report.html}: the report as one file with pictures inside, no network. */
public final class HtmlReport {
    private static final int HEIGHT = 420;
    /** Room for a legend of all series. */
    private static final int TALL = 640;

    private static final double[] PERCENTILES = {50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 99.999};

    private HtmlReport() {}

    /**
     * Writes {@code file} from {@code report}, the latencies of the run and what it looked like over time. What was
     * found stands first. A picture that cannot be drawn on this host is left out, with the reason in its place.
     */
    public static void write(Path file, String title, RunReport report, Latencies latencies, TimeSeries series)
            throws IOException {
        // There is no screen, and none is wanted; must be said before the first class of java.awt is used.
        System.setProperty("java.awt.headless", "true");
        StringBuilder html = new StringBuilder(200_000);
        html.append(Picture.page(title));
        html.append("<p>")
                .append(escape(report.verdict() + " " + report.kind()))
                .append("</p>");
        paragraphs(html, report);
        html.append(Picture.html(() -> latencyChart(latencies)));
        if (series.size() > 1) {
            html.append(Picture.html(() -> memoryChart(series))).append(Picture.html(() -> rateChart(series)));
        }
        html.append("<h2>Report</h2><pre>").append(escape(report.text())).append("</pre><h2>Values</h2><table>");
        report.values()
                .forEach((key, value) -> html.append("<tr><td>")
                        .append(escape(key))
                        .append("</td><td>")
                        .append(escape(String.valueOf(value)))
                        .append("</td></tr>"));
        html.append("</table></body></html>\n");
        SafeFiles.writeString(file, html.toString());
    }

    /** What was found and what brought it about. */
    private static void paragraphs(StringBuilder html, RunReport report) {
        report.cause()
                .lines()
                .forEach(line -> html.append("<p><b>").append(escape(line)).append("</b></p>"));
        if (report.failure() != null) {
            html.append("<pre>").append(escape(report.failure())).append("</pre>");
        }
        if (report.verdict() != Verdict.PASS) {
            report.notes()
                    .forEach(note -> html.append("<p>").append(escape(note)).append("</p>"));
        }
    }

    /** Latency over percentile, both so that tails are visible: x is 1/(1-p) on a log scale. */
    private static XYChart latencyChart(Latencies latencies) {
        XYChart chart = Picture.chart(
                "Latency by percentile (x = 1/(1-p): 2 is the median, 100 is p99)", TALL, "1/(1-p)", "us");
        chart.getStyler().setXAxisLogarithmic(true).setYAxisLogarithmic(true);
        double[] x = Arrays.stream(PERCENTILES).map(p -> 1 / (1 - p / 100)).toArray();
        for (int tag = 0; tag < latencies.names().size(); tag++) {
            Histogram total = latencies.total(tag);
            if (total.getTotalCount() >= 2) {
                double[] y = Arrays.stream(PERCENTILES)
                        .map(p -> Math.max(1, total.getValueAtPercentile(p)) / 1e3)
                        .toArray();
                chart.addSeries(latencies.names().get(tag), x, y).setMarker(SeriesMarkers.CIRCLE);
            }
        }
        if (chart.getSeriesMap().isEmpty()) {
            chart.addSeries("nothing recorded", new double[] {1, 10}, new double[] {1, 1});
        }
        return chart;
    }

    private static XYChart memoryChart(TimeSeries series) {
        XYChart chart = Picture.chart("Memory", HEIGHT, "s", "MiB");
        double[] time = series.column("time");
        for (String name : new String[] {"free", "anon", "file", "swap"}) {
            chart.addSeries(name, time, series.column(name)).setMarker(SeriesMarkers.NONE);
        }
        return chart;
    }

    private static XYChart rateChart(TimeSeries series) {
        XYChart chart = Picture.chart("Rates", HEIGHT, "s", "per second");
        chart.getStyler().setYAxisMin(0.0);
        double[] time = series.column("time");
        double[] from = Arrays.copyOf(time, time.length - 1);
        for (String name : new String[] {"processes", "faults/1000", "pswpin", "pswpout"}) {
            chart.addSeries(name, from, series.rate(name)).setMarker(SeriesMarkers.NONE);
        }
        return chart;
    }
}

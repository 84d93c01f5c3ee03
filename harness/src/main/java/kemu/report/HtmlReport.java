package kemu.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import kemu.latency.Latencies;
import org.HdrHistogram.Histogram;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** {@code report.html}: the report as one file with pictures inside, no network. */
public final class HtmlReport {
    private static final int WIDTH = 1000;
    private static final int HEIGHT = 420;
    /** Room for a legend of all series. */
    private static final int TALL = 640;

    private static final double[] PERCENTILES = {50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 99.999};

    private HtmlReport() {}

    /** Writes {@code file} from the values of a run, its latencies and what it looked like over time. */
    public static void write(
            Path file, String title, Map<String, Object> values, String text, Latencies latencies, TimeSeries series)
            throws IOException {
        System.setProperty("java.awt.headless", "true");
        StringBuilder html = new StringBuilder(200_000);
        html.append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>")
                .append(escape(title))
                .append("</title><style>body{font:15px/1.4 sans-serif;max-width:1040px;margin:2em auto;padding:0 1em}"
                        + "pre{overflow-x:auto;background:#f4f4f4;padding:1em}table{border-collapse:collapse}"
                        + "td{padding:.15em 1em .15em 0;border-bottom:1px solid #ddd}img{max-width:100%;height:auto}"
                        + "</style></head><body><h1>")
                .append(escape(title))
                .append("</h1>");
        html.append(picture(latencyChart(latencies)));
        if (series.size() > 1) {
            html.append(picture(memoryChart(series))).append(picture(rateChart(series)));
        }
        html.append("<h2>Report</h2><pre>").append(escape(text)).append("</pre><h2>Values</h2><table>");
        values.forEach((key, value) -> html.append("<tr><td>")
                .append(escape(key))
                .append("</td><td>")
                .append(escape(String.valueOf(value)))
                .append("</td></tr>"));
        html.append("</table></body></html>\n");
        Files.writeString(file, html);
    }

    private static XYChart chart(String title, int height, String x, String y) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(height)
                .title(title)
                .xAxisTitle(x)
                .yAxisTitle(y)
                .build();
        chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE).setMarkerSize(4);
        return chart;
    }

    /** Latency over percentile, both so that tails are visible: x is 1/(1-p) on a log scale. */
    private static XYChart latencyChart(Latencies latencies) {
        XYChart chart =
                chart("Latency by percentile (x = 1/(1-p): 2 is the median, 100 is p99)", TALL, "1/(1-p)", "us");
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
        XYChart chart = chart("Memory", HEIGHT, "s", "MiB");
        double[] time = series.column("time");
        for (String name : new String[] {"free", "anon", "file", "swap"}) {
            chart.addSeries(name, time, series.column(name)).setMarker(SeriesMarkers.NONE);
        }
        return chart;
    }

    private static XYChart rateChart(TimeSeries series) {
        XYChart chart = chart("Rates", HEIGHT, "s", "per second");
        chart.getStyler().setYAxisMin(0.0);
        double[] time = series.column("time");
        double[] from = Arrays.copyOf(time, time.length - 1);
        for (String name : new String[] {"processes", "faults/1000", "pswpin", "pswpout"}) {
            chart.addSeries(name, from, series.rate(name)).setMarker(SeriesMarkers.NONE);
        }
        return chart;
    }

    private static String picture(XYChart chart) throws IOException {
        byte[] png = BitmapEncoder.getBitmapBytes(chart, BitmapEncoder.BitmapFormat.PNG);
        return "<p><img alt=\"" + escape(chart.getTitle()) + "\" src=\"data:image/png;base64,"
                + Base64.getEncoder().encodeToString(png) + "\"></p>";
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}

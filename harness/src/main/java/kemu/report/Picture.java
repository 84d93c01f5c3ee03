package kemu.report;

import static kemu.report.Html.escape;

import java.io.IOException;
import java.util.Base64;
import java.util.function.Supplier;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;

/** Charts inside a page: part of the file, no network. */
public final class Picture {
    private static final int WIDTH = 1000;

    private Picture() {}

    /** An empty chart. */
    public static XYChart chart(String title, int height, String x, String y) {
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

    /** A chart as HTML. One that cannot be drawn on this host is left out, with the reason in its place. */
    public static String html(Supplier<XYChart> drawing) {
        try {
            XYChart chart = drawing.get();
            byte[] png = BitmapEncoder.getBitmapBytes(chart, BitmapEncoder.BitmapFormat.PNG);
            return "<p><img alt=\"" + escape(chart.getTitle()) + "\" src=\"data:image/png;base64,"
                    + Base64.getEncoder().encodeToString(png) + "\"></p>";
        } catch (IOException | RuntimeException | LinkageError | OutOfMemoryError failed) {
            return "<p>a picture is missing: " + escape(failed.toString()) + "</p>";
        }
    }

    /** The end of a page, with {@code text} as it was printed. */
    public static String end(String text) {
        return "<pre>" + escape(text) + "</pre></body></html>\n";
    }

    /** The beginning of a page called {@code title}; {@link #end} or the like ends it. */
    public static String page(String title) {
        return "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + escape(title)
                + "</title><style>body{font:15px/1.4 sans-serif;max-width:1040px;margin:2em auto;padding:0 1em}"
                + "pre{overflow-x:auto;background:#f4f4f4;padding:1em}table{border-collapse:collapse}"
                + "td{padding:.15em 1em .15em 0;border-bottom:1px solid #ddd}img{max-width:100%;height:auto}"
                + "</style></head><body><h1>" + escape(title) + "</h1>";
    }
}

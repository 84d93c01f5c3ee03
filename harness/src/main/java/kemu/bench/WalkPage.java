package kemu.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;
import kemu.bench.WalkBench.Cell;
import kemu.host.SafeFiles;
import kemu.report.Picture;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Time of a walk over numbers of children, a line for each strategy and kind of family: one file with pictures. */
public final class WalkPage {
    private static final int HEIGHT = 520;

    private WalkPage() {}

    /** Writes {@code file} from {@code cells}; {@code table} is what was printed. */
    public static void write(Path file, String title, List<Cell> cells, String table) throws IOException {
        System.setProperty("java.awt.headless", "true");
        String page = Picture.page(title)
                + Picture.html(() -> chart("Mean of a walk", "us", cells, one -> one.meanNanos() / 1e3))
                + Picture.html(() -> chart("Median of a walk", "us", cells, one -> one.p50Nanos() / 1e3))
                + Picture.html(() -> chart("p99 of a walk", "us", cells, one -> one.p99Nanos() / 1e3))
                + Picture.html(() -> chart("VMAs met in a walk", "VMAs", cells, Cell::vmasPerWalk))
                + Picture.end(table);
        SafeFiles.writeString(file, page);
    }

    private static XYChart chart(String title, String unit, List<Cell> cells, ToDoubleFunction<Cell> value) {
        XYChart chart = Picture.chart(title, HEIGHT, "children", unit);
        chart.getStyler().setXAxisLogarithmic(true);
        chart.getStyler().setYAxisLogarithmic(true);
        for (String line : cells.stream().map(WalkPage::line).distinct().toList()) {
            List<Cell> own =
                    cells.stream().filter(one -> line(one).equals(line)).toList();
            double[] x = own.stream().mapToDouble(Cell::children).toArray();
            double[] y = own.stream().mapToDouble(value).toArray();
            chart.addSeries(line, x, y).setMarker(SeriesMarkers.CIRCLE);
        }
        return chart;
    }

    private static String line(Cell one) {
        return one.strategy() + ", " + one.anonVmas();
    }
}

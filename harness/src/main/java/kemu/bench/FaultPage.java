package kemu.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;
import kemu.bench.FaultBench.Cell;
import kemu.host.SafeFiles;
import kemu.report.Picture;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Faults a second and their latency over CPUs, a line for each lookup: one file with pictures inside. */
public final class FaultPage {
    private static final int HEIGHT = 480;

    private FaultPage() {}

    /** Writes {@code file} from {@code cells}; {@code table} is what was printed. */
    public static void write(Path file, String title, List<Cell> cells, String table) throws IOException {
        System.setProperty("java.awt.headless", "true");
        String page = Picture.page(title)
                + Picture.html(() -> chart("Faults a second", "1/s", cells, Cell::perSecond))
                + Picture.html(() -> logarithmic(chart("p99 of a fault", "us", cells, one -> one.p99Nanos() / 1e3)))
                + Picture.end(table);
        SafeFiles.writeString(file, page);
    }

    private static XYChart logarithmic(XYChart chart) {
        chart.getStyler().setYAxisLogarithmic(true);
        return chart;
    }

    private static XYChart chart(String title, String unit, List<Cell> cells, ToDoubleFunction<Cell> value) {
        XYChart chart = Picture.chart(title, HEIGHT, "CPUs", unit);
        for (String lookup : cells.stream().map(Cell::lookup).distinct().toList()) {
            List<Cell> own =
                    cells.stream().filter(one -> one.lookup().equals(lookup)).toList();
            double[] x = own.stream().mapToDouble(Cell::cpus).toArray();
            double[] y = own.stream().mapToDouble(value).toArray();
            chart.addSeries(lookup, x, y).setMarker(SeriesMarkers.CIRCLE);
        }
        return chart;
    }
}

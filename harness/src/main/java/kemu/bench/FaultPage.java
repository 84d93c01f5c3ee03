package kemu.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import kemu.bench.FaultBench.Cell;
import kemu.host.SafeFiles;
import kemu.report.Html;
import kemu.report.plot.Ink;
import kemu.report.plot.Line;
import kemu.report.plot.Picture;
import kemu.report.plot.Plot;

/** Faults a second and their latency over CPUs, a line for each lookup: one file with pictures inside. */
public final class FaultPage {
    private static final int WIDTH = 1000;
    private static final int HEIGHT = 480;

    private FaultPage() {}

    /** Writes {@code file} from {@code cells}; {@code table} is what was printed. */
    public static void write(Path file, String title, List<Cell> cells, String table) throws IOException {
        String page = Html.page(title, Ink.darkRules())
                + picture("Faults a second", "1/s", false, cells, Cell::perSecond)
                + picture("p99 of a fault", "us", true, cells, one -> one.p99Nanos() / 1e3)
                + Html.end(table);
        SafeFiles.writeString(file, page);
    }

    private static String picture(
            String title, String unit, boolean logarithmic, List<Cell> cells, ToDoubleFunction<Cell> value) {
        List<Line> lines = new ArrayList<>();
        for (String lookup : cells.stream().map(Cell::lookup).distinct().toList()) {
            List<Cell> own =
                    cells.stream().filter(one -> one.lookup().equals(lookup)).toList();
            lines.add(new Line(
                    lookup,
                    own.stream().mapToDouble(Cell::cpus).toArray(),
                    own.stream().mapToDouble(value).toArray()));
        }
        return "<h2>" + title + "</h2>"
                + Picture.svg(
                        title,
                        WIDTH,
                        HEIGHT,
                        () -> new Plot(Plot.numbers("CPUs"), logarithmic ? Plot.logarithmic(unit) : Plot.fromZero(unit))
                                .lines(lines));
    }
}

package kemu.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import kemu.bench.WalkBench.Cell;
import kemu.host.SafeFiles;
import kemu.report.Html;
import kemu.report.plot.Ink;
import kemu.report.plot.Line;
import kemu.report.plot.Picture;
import kemu.report.plot.Plot;

/** Time of a walk over numbers of children, a line for each strategy and kind of family: one file with pictures. */
public final class WalkPage {
    private static final int WIDTH = 1000;
    private static final int HEIGHT = 520;

    private WalkPage() {}

    /** Writes {@code file} from {@code cells}; {@code table} is what was printed. */
    public static void write(Path file, String title, List<Cell> cells, String table) throws IOException {
        String page = Html.page(title, Ink.darkRules())
                + picture("Mean of a walk", "us", cells, one -> one.meanNanos() / 1e3)
                + picture("Median of a walk", "us", cells, one -> one.p50Nanos() / 1e3)
                + picture("p99 of a walk", "us", cells, one -> one.p99Nanos() / 1e3)
                + picture("VMAs met in a walk", "VMAs", cells, Cell::vmasPerWalk)
                + Html.end(table);
        SafeFiles.writeString(file, page);
    }

    private static String picture(String title, String unit, List<Cell> cells, ToDoubleFunction<Cell> value) {
        List<Line> lines = new ArrayList<>();
        for (String line : cells.stream().map(WalkPage::line).distinct().toList()) {
            List<Cell> own =
                    cells.stream().filter(one -> line(one).equals(line)).toList();
            lines.add(new Line(
                    line,
                    own.stream().mapToDouble(Cell::children).toArray(),
                    own.stream().mapToDouble(value).toArray()));
        }
        return "<h2>" + title + "</h2>"
                + Picture.svg(
                        title,
                        WIDTH,
                        HEIGHT,
                        () -> new Plot(Plot.logarithmic("children"), Plot.logarithmic(unit)).lines(lines));
    }

    private static String line(Cell one) {
        return one.strategy() + ", " + one.anonVmas();
    }
}

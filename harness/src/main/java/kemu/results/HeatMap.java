package kemu.results;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/**
 * How many operations took how long at what time, in a bounded number of cells: rows are latencies,
 * {@value #ROWS_PER_DECADE} for each power of ten; columns are spans of time of one width, which doubles when there are
 * too many.
 */
public final class HeatMap {
    /** Rows for each power of ten. */
    public static final int ROWS_PER_DECADE = 8;

    private static final int DECADES = 13;
    private static final int MOST_COLUMNS = 120;

    private final List<double[]> columns = new ArrayList<>();
    private double width = 1;

    /** Adds what was recorded between two times, in seconds since the begin of the run, evenly over that span. */
    void add(Histogram histogram, double from, double to) {
        double[] rows = new double[ROWS_PER_DECADE * DECADES];
        for (HistogramIterationValue value : histogram.recordedValues()) {
            rows[row(value.getValueIteratedTo())] += value.getCountAddedInThisIterationStep();
        }
        double end = Math.max(to, from + 1e-3);
        // Ends because the width doubles.
        while (end > width * MOST_COLUMNS) {
            halve();
        }
        int last = (int) Math.ceil(end / width) - 1;
        for (int column = (int) (from / width); column <= last; column++) {
            double share = (Math.min(end, (column + 1) * width) - Math.max(from, column * width)) / (end - from);
            double[] cells = column(column);
            for (int row = 0; row < rows.length; row++) {
                cells[row] += rows[row] * share;
            }
        }
    }

    private double[] column(int index) {
        // Ends when the column is there.
        while (columns.size() <= index) {
            columns.add(new double[ROWS_PER_DECADE * DECADES]);
        }
        return columns.get(index);
    }

    private void halve() {
        List<double[]> before = List.copyOf(columns);
        columns.clear();
        for (int i = 0; i < before.size(); i++) {
            double[] cells = column(i / 2);
            for (int row = 0; row < cells.length; row++) {
                cells[row] += before.get(i)[row];
            }
        }
        width *= 2;
    }

    private static int row(long nanos) {
        int row = (int) Math.floor(Math.log10(Math.max(1, nanos)) * ROWS_PER_DECADE);
        return Math.min(row, ROWS_PER_DECADE * DECADES - 1);
    }

    /** Shortest latency of {@code row}, in nanoseconds; the next row begins where it ends. */
    public static double nanos(int row) {
        return Math.pow(10, (double) row / ROWS_PER_DECADE);
    }

    /** Seconds that a column spans. */
    public double width() {
        return width;
    }

    /** Number of columns. */
    public int columns() {
        return columns.size();
    }

    /** Number of rows. */
    public int rows() {
        return ROWS_PER_DECADE * DECADES;
    }

    /** Share of the operations of {@code column} that are in {@code row}: 0 to 1. */
    public double share(int column, int row) {
        double sum = 0;
        for (double cell : columns.get(column)) {
            sum += cell;
        }
        return sum == 0 ? 0 : columns.get(column)[row] / sum;
    }
}

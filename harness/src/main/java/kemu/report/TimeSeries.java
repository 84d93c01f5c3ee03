package kemu.report;

import java.util.ArrayList;
import java.util.List;

/** A few numbers over time, for pictures: at most {@link #MOST_POINTS} rows; when full, every second row is dropped. */
public final class TimeSeries {
    private static final int MOST_POINTS = 600;

    private final String[] names;
    private final List<double[]> rows = new ArrayList<>();
    private int stride = 1;
    private int skipped;

    /** Columns {@code names}; the first one is time in seconds. */
    public TimeSeries(String... names) {
        this.names = names.clone();
    }

    /** Adds a row, in the order of the names. */
    public void add(double... row) {
        if (++skipped < stride) {
            return;
        }
        skipped = 0;
        rows.add(row.clone());
        if (rows.size() > MOST_POINTS) {
            for (int i = rows.size() - 2; i > 0; i -= 2) {
                rows.remove(i);
            }
            stride *= 2;
        }
    }

    /** Number of rows. */
    public int size() {
        return rows.size();
    }

    /** Column {@code name}. */
    public double[] column(String name) {
        int index = List.of(names).indexOf(name);
        double[] values = new double[rows.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = rows.get(i)[index];
        }
        return values;
    }

    /** Growth per second of column {@code name} from row to row; one value less than {@link #size}. */
    public double[] rate(String name) {
        double[] time = column(names[0]);
        double[] values = column(name);
        double[] rates = new double[Math.max(0, values.length - 1)];
        for (int i = 0; i < rates.length; i++) {
            rates[i] = (values[i + 1] - values[i]) / Math.max(1e-3, time[i + 1] - time[i]);
        }
        return rates;
    }
}

package kemu.report.plot;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/** Latency by percentile. */
public final class Percentiles {
    /** Points for each nine. */
    private static final int POINTS_PER_NINE = 12;

    private Percentiles() {}

    /** A line for each of {@code histograms}, called {@code names}; each ends where it has one value for the rest. */
    public static Plot plot(List<String> names, List<Histogram> histograms) {
        List<Line> lines = new ArrayList<>();
        double most = 1;
        for (int i = 0; i < names.size(); i++) {
            double nines = Math.max(1, Math.log10(histograms.get(i).getTotalCount()));
            most = Math.max(most, nines);
            lines.add(line(names.get(i), histograms.get(i), nines));
        }
        long shortest =
                histograms.stream().mapToLong(Histogram::getMinValue).min().orElse(1);
        long longest =
                histograms.stream().mapToLong(Histogram::getMaxValue).max().orElse(1);
        return new Plot(Plot.nines(most), Plot.latencies(shortest, longest)).lines(lines);
    }

    private static Line line(String name, Histogram histogram, double nines) {
        int points = (int) Math.ceil(nines * POINTS_PER_NINE) + 1;
        double[] x = new double[points];
        double[] y = new double[points];
        for (int i = 0; i < points; i++) {
            x[i] = nines * i / (points - 1);
            y[i] = Math.max(1, histogram.getValueAtPercentile(100 * (1 - Math.pow(10, -x[i]))));
        }
        return new Line(name, x, y);
    }
}

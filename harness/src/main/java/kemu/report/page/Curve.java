package kemu.report.page;

import java.util.function.DoubleUnaryOperator;
import kemu.report.plot.Line;
import kemu.results.CounterHistory;

/** Numbers over time as a line of at most {@value #MOST_POINTS} points: of more, each point is the mean of a span. */
final class Curve {
    private static final int MOST_POINTS = 300;

    private Curve() {}

    /** Stocks such as free pages: {@code values} as they are, times {@code factor}. */
    static Line stock(CounterHistory counters, String name, double factor, DoubleUnaryOperator time) {
        double[] seconds = counters.seconds();
        double[] values = counters.values(name);
        int points = Math.min(MOST_POINTS, values.length);
        double[] x = new double[points];
        double[] y = new double[points];
        for (int i = 0; i < points; i++) {
            int from = (int) ((long) values.length * i / points);
            int to = (int) ((long) values.length * (i + 1) / points);
            for (int j = from; j < to; j++) {
                y[i] += values[j] * factor / (to - from);
            }
            x[i] = time.applyAsDouble(seconds[to - 1]);
        }
        return new Line(name, x, y);
    }

    /** Events such as faults: growth of {@code values} a second; each point is at the middle of its span. */
    static Line rate(CounterHistory counters, String name, DoubleUnaryOperator time) {
        double[] seconds = counters.seconds();
        double[] values = counters.values(name);
        int points = Math.min(MOST_POINTS, values.length);
        double[] x = new double[points];
        double[] y = new double[points];
        double before = 0;
        double beforeSeconds = 0;
        for (int i = 0; i < points; i++) {
            int last = (int) ((long) values.length * (i + 1) / points) - 1;
            x[i] = time.applyAsDouble((beforeSeconds + seconds[last]) / 2);
            y[i] = Math.max(0, (values[last] - before) / Math.max(1e-3, seconds[last] - beforeSeconds));
            before = values[last];
            beforeSeconds = seconds[last];
        }
        return new Line(name, x, y);
    }
}

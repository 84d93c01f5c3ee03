package kemu.report.plot;

import java.util.stream.IntStream;

/**
 * A line of a picture.
 *
 * @param name what it shows
 * @param x its points from left to right
 * @param y as many
 */
public record Line(String name, double[] x, double[] y) {
    double[][] points() {
        return new double[][] {x, y};
    }

    /** Points that a logarithmic picture can show. */
    double[][] positive() {
        int[] kept = IntStream.range(0, x.length).filter(i -> y[i] > 0).toArray();
        return new double[][] {
            IntStream.of(kept).mapToDouble(i -> x[i]).toArray(),
            IntStream.of(kept).mapToDouble(i -> y[i]).toArray()
        };
    }
}

package kemu.soak.trend;

import java.util.Arrays;
import org.apache.commons.math3.distribution.NormalDistribution;

/**
 * The slope of a series by Theil and Sen: the median of the slopes of all pairs of points, which a few points far off
 * do not move; with its interval of confidence by Kendall's statistic, for which nothing need be known of the noise.
 *
 * <p>Source: P. K. Sen, Estimates of the regression coefficient based on Kendall's tau, 1968. Ties are counted as if
 * there were none, which widens the interval.
 *
 * @param value per unit of x
 * @param least lower end of the interval in which it is with a probability of 99.9 %
 * @param most its upper end
 */
record Slope(double value, double least, double most) {
    private static final double CONFIDENCE = 0.999;
    private static final double QUANTILE = new NormalDistribution().inverseCumulativeProbability((1 + CONFIDENCE) / 2);

    /** The slope of {@code y} over {@code x}, which grows strictly; at least two points. */
    static Slope of(double[] x, double[] y) {
        int n = x.length;
        double[] slopes = new double[n * (n - 1) / 2];
        int count = 0;
        for (int i = 0; i < n; i++) {
            for (int j = i + 1; j < n; j++) {
                slopes[count++] = (y[j] - y[i]) / (x[j] - x[i]);
            }
        }
        Arrays.sort(slopes);
        double spread = QUANTILE * Math.sqrt(n * (n - 1.0) * (2.0 * n + 5) / 18);
        int below = (int) Math.floor((count - spread) / 2);
        int above = (int) Math.ceil((count + spread) / 2);
        return new Slope(
                (slopes[(count - 1) / 2] + slopes[count / 2]) / 2,
                below < 0 ? Double.NEGATIVE_INFINITY : slopes[below],
                above >= count ? Double.POSITIVE_INFINITY : slopes[above]);
    }
}

package kemu.bench;

import java.util.Arrays;

/** What the runs of a cell come to. */
final class MedianOfRuns {
    private MedianOfRuns() {}

    /** The median of {@code runs} in their value number {@code value}. */
    static double of(double[][] runs, int value) {
        double[] sorted =
                Arrays.stream(runs).mapToDouble(run -> run[value]).sorted().toArray();
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }
}

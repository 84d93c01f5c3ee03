package kemu.compare;

/**
 * One metric of one operation in one run, beside the first run.
 *
 * @param value of the whole run; NaN if the operation was not done
 * @param percent by how much it is more than in the first run; NaN of the first run itself
 * @param intervals of the run that are compared
 * @param chance p: how likely a difference between the intervals as large as this one is if there is none; NaN where
 *     there are too few intervals to tell
 */
public record ComparedValue(double value, double percent, int intervals, double chance) {
    /** Whether the difference exceeds the spread between intervals. */
    public boolean differs() {
        return chance < Comparison.CHANCE;
    }

    /** Whether there was anything to compare with, but too few intervals to tell. */
    public boolean tooFew() {
        return Double.isNaN(chance) && !Double.isNaN(percent);
    }
}

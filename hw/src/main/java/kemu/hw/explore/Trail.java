package kemu.hw.explore;

import java.util.Arrays;

/** Which lanes moved in one execution, run-length encoded, and the lot its tasks drew from. */
public final class Trail {
    private static final int FIRST_RUNS = 64;

    private int[] lanes = new int[FIRST_RUNS];
    private int[] counts = new int[FIRST_RUNS];
    private int runs;
    private int steps;
    private long lot;

    void clear() {
        runs = 0;
        steps = 0;
        lot = 0;
    }

    void add(int lane, int count) {
        steps += count;
        if (runs > 0 && lanes[runs - 1] == lane) {
            counts[runs - 1] += count;
            return;
        }
        if (runs == lanes.length) {
            lanes = Arrays.copyOf(lanes, 2 * runs);
            counts = Arrays.copyOf(counts, 2 * runs);
        }
        lanes[runs] = lane;
        counts[runs] = count;
        runs++;
    }

    /** Number of runs of the same lane. */
    public int runs() {
        return runs;
    }

    /** The lane of run {@code run}. */
    public int lane(int run) {
        return lanes[run];
    }

    /** How often the lane of run {@code run} moved in a row. */
    public int count(int run) {
        return counts[run];
    }

    /** Transitions in all. */
    public int steps() {
        return steps;
    }

    /** See {@link Scheduler#lot}; 0 if the tasks did not ask. */
    public long lot() {
        return lot;
    }

    void lot(long value) {
        lot = value;
    }

    /** A copy that stays as it is. */
    public Trail copy() {
        Trail copy = new Trail();
        copy.lot = lot;
        for (int i = 0; i < runs; i++) {
            copy.add(lanes[i], counts[i]);
        }
        return copy;
    }
}

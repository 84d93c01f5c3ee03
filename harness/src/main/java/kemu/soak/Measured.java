package kemu.soak;

import java.nio.file.Path;

/**
 * What a run measures beside latencies and counters. It costs the CPUs time, and does not change what they do.
 *
 * @param locks how long locks are waited for and held, by class
 * @param timeline where the last moments of the run are written, or null
 * @param timelineMillis how much of its end
 */
public record Measured(boolean locks, Path timeline, long timelineMillis) {
    /** Nothing. */
    public static final Measured NOTHING = new Measured(false, null, 0);
}

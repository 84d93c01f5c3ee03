package kemu.soak;

import java.nio.file.Path;

/**
 * What a run measures beside counters. It costs the CPUs time, and does not change what they do.
 *
 * @param latencies how long operations take
 * @param locks how long locks are waited for and held, by class
 * @param timeline where the last moments of the run are written, or null
 * @param timelineMillis how much of its end
 */
public record Measured(boolean latencies, boolean locks, Path timeline, long timelineMillis) {
    /** Nothing but latencies. */
    public static final Measured LATENCIES = new Measured(true, false, null, 0);
}

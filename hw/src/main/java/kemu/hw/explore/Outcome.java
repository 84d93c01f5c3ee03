package kemu.hw.explore;

/** How an execution ended. */
public enum Outcome {
    /** All tasks came to their end. */
    ENDED,
    /** A task failed: a kernel bug, or an exception of the scenario. */
    FAILED,
    /** Every CPU waits and none can go on. */
    HUNG,
    /** The bound on steps was reached: a livelock, or a bound too low. */
    LIMIT,
    /** Given up since everything it could still do is done by other executions. */
    PRUNED,
    /** The scheduler could not go on: a replayed schedule does not fit. */
    REFUSED
}

package kemu.hw.explore;

/**
 * Decides who takes the next step of an explored execution. Everything it decides follows from its options, its seed
 * and the lanes it is shown, so that an exploration repeats.
 */
public interface Scheduler {
    /** Result of {@link #choose}: this execution is not worth going on with. */
    int PRUNE = -1;

    /** Name and options, as in {@code pct d=3}. */
    String describe();

    /**
     * Prepares for execution number {@code execution} (from 0) of an exploration.
     *
     * @return false if there is nothing left to explore
     */
    boolean begin(long execution);

    /**
     * Chooses one of the enabled lanes, of which there is at least one.
     *
     * @param last the lane that moved last, -1 at the beginning
     */
    int choose(Lanes lanes, int last);

    /** How many steps the chosen CPU may take without asking again, at least 1. */
    default int stay() {
        return 1;
    }

    /**
     * A number from which the tasks of the execution that has begun may draw what they do ({@code EmuMachine.lot}): a
     * random one in a search that samples, always 0 in one that goes by steps alone.
     */
    default long lot() {
        return 0;
    }

    /** The execution has ended; {@code lanes} shows who was blocked. */
    default void end(Lanes lanes) {}

    /** True if {@link #begin} returns false only when every interleaving has been covered. */
    default boolean exhaustive() {
        return false;
    }

    /** True if a CPU that another one waits for runs in the end, even if the loop names no word it waits for. */
    default boolean fair() {
        return !exhaustive();
    }

    /** Within which bounds an exhaustive search has covered everything so far; empty for no bounds, or for nothing. */
    default String bounds() {
        return "";
    }

    /** True if it is to be offered preemptions of tasks. */
    default boolean preempts() {
        return !exhaustive();
    }

    /**
     * How much of the tree of executions is done, from 0 to 1, if the branches that are left are as large as those that
     * are done; NaN if nothing can be said. A search that meets new branches as it goes on says too much at first.
     */
    default double covered() {
        return Double.NaN;
    }

    /** What {@link #covered} is of, of a search in several passes; empty of others. */
    default String phase() {
        return "";
    }

    /** Why the last {@link #choose} pruned, or null if that was only to avoid repetition. */
    default String complaint() {
        return null;
    }
}

package kemu.hw.explore;

import kemu.hw.mem.FailureKind;

/** What an exploration found. */
public final class Result {
    /** What an exploration says in the end. */
    public enum Verdict {
        /** All interleavings were covered, within the bounds; none failed. */
        PASS,
        /** One failed. */
        FAIL,
        /** None failed of those that were tried. */
        UNKNOWN
    }

    /** The clock is looked at when the number of executions has none of these bits. */
    static final int CLOCK_MASK = 63;

    private final String strategy;
    private final boolean exhaustive;
    private boolean fair;
    private boolean alone;
    private final boolean pollsAreSteps;
    private final HashCount states = new HashCount();
    private Verdict verdict = Verdict.UNKNOWN;
    private long executions;
    private long pruned;
    private long steps;
    private int longest;
    private boolean loose;
    private Outcome outcome;
    private Throwable failure;
    private Trail trail;
    private long stateHash;
    private String bounds = "";
    private boolean finished;

    Result(Scheduler scheduler, boolean pollsAreSteps) {
        strategy = scheduler.describe();
        exhaustive = scheduler.exhaustive();
        fair = scheduler.fair();
        this.pollsAreSteps = pollsAreSteps;
    }

    /** The next execution is one of a search that {@link Scheduler#fair is fair}, or not. */
    void fair(boolean isFair) {
        fair = isFair;
    }

    /** Adds one execution; true if it failed. */
    boolean add(Outcome how, Throwable fault, Trail taken, long hash, boolean looseEnds, boolean oneAlone) {
        alone = oneAlone;
        executions++;
        steps += taken.steps();
        longest = Math.max(longest, taken.steps());
        outcome = how;
        loose |= looseEnds;
        if (how == Outcome.PRUNED) {
            pruned++;
        } else {
            states.add(hash);
        }
        stateHash = hash;
        if (fault == null) {
            return false;
        }
        verdict = Verdict.FAIL;
        failure = fault;
        trail = taken.copy();
        return true;
    }

    Result spent(String covered) {
        bounds = covered;
        return this;
    }

    Result exhausted(boolean all, String within) {
        finished = true;
        bounds = within;
        return exhausted(all);
    }

    Result exhausted(boolean all) {
        // Loops that name no word, and interrupts that end waits, are not covered.
        if (verdict == Verdict.FAIL) {
            return this;
        }
        verdict = all && !loose ? Verdict.PASS : Verdict.UNKNOWN;
        return this;
    }

    /** How it was searched. */
    public String strategy() {
        return strategy;
    }

    /** See {@link Scheduler#exhaustive}. */
    public boolean exhaustive() {
        return exhaustive;
    }

    /** See {@link Scheduler#fair}. */
    public boolean fair() {
        return fair;
    }

    /** True if the last execution went on and on with nobody left who could have ended that. */
    public boolean alone() {
        return alone;
    }

    /** True if every look for interrupts was a step; a schedule fits only if it is replayed so. */
    public boolean pollsAreSteps() {
        return pollsAreSteps;
    }

    /** See {@link Verdict}. */
    public Verdict verdict() {
        return verdict;
    }

    /** True if the search came to its end: nothing was left to try. */
    public boolean finished() {
        return finished;
    }

    /** Within which bounds everything was covered: one line; empty if all was, with PASS, or nothing, without. */
    public String bounds() {
        return bounds;
    }

    /** Executions begun, those given up as repetitions included. */
    public long executions() {
        return executions;
    }

    /** Executions given up since what they could still do was done by others. */
    public long pruned() {
        return pruned;
    }

    /** Transitions of all executions. */
    public long steps() {
        return steps;
    }

    /** Transitions of the longest execution. */
    public int longest() {
        return longest;
    }

    /** Different states of memory in which executions ended; a lower bound if there are very many. */
    public long states() {
        return states.count();
    }

    /** How the last execution ended. */
    public Outcome outcome() {
        return outcome;
    }

    /** What the last execution failed with, or null. */
    public Throwable failure() {
        return failure;
    }

    /** What kind of failure it is; for a verdict of FAIL. */
    public FailureKind kind() {
        return FailureKind.of(failure);
    }

    /** The steps of the execution that failed, or null. */
    public Trail trail() {
        return trail;
    }

    /** State of memory at the end of the last execution. */
    public long stateHash() {
        return stateHash;
    }
}

package kemu.hw.explore;

import java.util.function.Consumer;
import java.util.function.LongSupplier;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;

/**
 * Runs executions until one fails, all are covered, or the budget is spent. Build the machine and the scene, start its
 * tasks, then make the explorer: what memory holds then is what every execution begins with.
 */
public final class Explorer {
    /** Marked accesses after which an execution counts as a livelock, unless told otherwise. */
    public static final int MAX_STEPS = 200_000;

    /** Executions between two looks at the clock. */
    public static final int EXECUTIONS_BETWEEN_LOOKS = Result.CLOCK_MASK + 1;

    private final EmuMachine machine;
    private final Exploration exploration;
    private final Consumer<Cpu> finalCheck;
    private boolean polls;
    private Scheduler searching;
    private Result found;

    /** Explores {@code machine}; {@code finalCheck} looks at the end of each execution and throws if it finds fault. */
    public Explorer(EmuMachine machine, Consumer<Cpu> finalCheck) {
        this(machine, finalCheck, MAX_STEPS);
    }

    /** As above, with another bound on the steps of an execution. */
    public Explorer(EmuMachine machine, Consumer<Cpu> finalCheck, int maxSteps) {
        this.machine = machine;
        this.finalCheck = finalCheck;
        exploration = new Exploration(machine, maxSteps);
    }

    /** The driver, for those who take single executions. */
    public Exploration exploration() {
        return exploration;
    }

    /**
     * How far a search is.
     *
     * @param executions begun
     * @param states different states of memory in which they ended
     * @param covered see {@link Scheduler#covered}
     * @param phase see {@link Scheduler#phase}
     */
    public record SoFar(long executions, long states, double covered, String phase) {}

    /** How far the search is that has begun last; for those who are asked whether time is left. */
    public SoFar soFar() {
        return new SoFar(found.executions(), found.states(), searching.covered(), searching.phase());
    }

    /**
     * Explores with {@code scheduler} for at most {@code maxExecutions}, and until {@code nanosLeft} says that no time
     * is left; it is asked now and then. Memory is left as at the beginning.
     */
    public Result explore(Scheduler scheduler, long maxExecutions, LongSupplier nanosLeft) {
        boolean pollsAreSteps = polls && scheduler.exhaustive();
        exploration.makePollsSteps(pollsAreSteps);
        Result result = new Result(scheduler, pollsAreSteps);
        searching = scheduler;
        found = result;
        while (true) {
            if (result.executions() >= maxExecutions
                    || (result.executions() & Result.CLOCK_MASK) == 0 && nanosLeft.getAsLong() <= 0) {
                return result.spent(scheduler.bounds());
            }
            if (!scheduler.begin(result.executions())) {
                return result.exhausted(scheduler.exhaustive(), scheduler.bounds());
            }
            boolean stop = execute(scheduler, result);
            exploration.rewind();
            if (scheduler.exhaustive() && exploration.interrupts() && !polls) {
                // Whether a CPU sees an interrupt when it looks now matters: so every look is a step.
                polls = true;
                return explore(scheduler, maxExecutions, nanosLeft);
            }
            if (stop) {
                return result;
            }
            if (exploration.metMixedWord()) {
                // What was covered so far took the halves of a word for words of their own.
                return explore(scheduler, maxExecutions, nanosLeft);
            }
        }
    }

    /**
     * Takes one execution along {@code schedule}. If it does not fit, the result's outcome is {@link Outcome#REFUSED}
     * and its failure says where.
     *
     * @param pollsAreSteps as the result says from which the schedule comes
     */
    public Result replay(Trail schedule, boolean pollsAreSteps) {
        return once(Replay.of(schedule), pollsAreSteps, () -> {});
    }

    /** As above; {@code atEnd} looks at the machine as the execution has left it. */
    public Result replay(Trail schedule, boolean pollsAreSteps, Runnable atEnd) {
        return once(Replay.of(schedule), pollsAreSteps, atEnd);
    }

    /** Takes one execution near {@code schedule}, for shrinking. */
    Result follow(Trail schedule, boolean pollsAreSteps) {
        return once(Replay.near(schedule), pollsAreSteps, () -> {});
    }

    /**
     * Takes one execution as {@code scheduler} chooses.
     *
     * @param pollsAreSteps as the result says of the execution that this one is like
     */
    public Result attempt(Scheduler scheduler, boolean pollsAreSteps) {
        return once(scheduler, pollsAreSteps, () -> {});
    }

    /** As above; {@code atEnd} looks at the machine as the execution has left it. */
    public Result attempt(Scheduler scheduler, boolean pollsAreSteps, Runnable atEnd) {
        return once(scheduler, pollsAreSteps, atEnd);
    }

    private Result once(Scheduler scheduler, boolean pollsAreSteps, Runnable atEnd) {
        scheduler.begin(0);
        exploration.makePollsSteps(pollsAreSteps);
        Result result = new Result(scheduler, pollsAreSteps);
        execute(scheduler, result);
        atEnd.run();
        exploration.rewind();
        return result.exhausted(false);
    }

    private boolean execute(Scheduler scheduler, Result result) {
        Outcome outcome = exploration.execute(scheduler);
        long hash = outcome == Outcome.PRUNED ? 0 : exploration.stateHash();
        Throwable failure = exploration.failure();
        if (outcome == Outcome.ENDED) {
            failure = check();
        } else if (outcome == Outcome.LIMIT) {
            failure = new KernelBug(
                    FailureKind.LIVELOCK,
                    "BUG: no end after " + exploration.trail().steps() + " steps: a livelock");
        } else if (outcome == Outcome.REFUSED) {
            failure = new IllegalStateException(scheduler.complaint());
        }
        // A fair execution covers nothing: what it leaves open is open anyway.
        result.fair(scheduler.fair());
        boolean loose = exploration.loose() && !scheduler.fair();
        return result.add(outcome, failure, exploration.trail(), hash, loose, exploration.alone());
    }

    private Throwable check() {
        try {
            exploration.atRest();
            finalCheck.accept(machine.bootCpu());
            return null;
        } catch (RuntimeException | Error fault) {
            return fault;
        }
    }
}

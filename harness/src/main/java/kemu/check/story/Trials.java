package kemu.check.story;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BiPredicate;
import kemu.hw.explore.Explorer;
import kemu.hw.explore.Lanes;
import kemu.hw.explore.Outcome;
import kemu.hw.explore.Result;
import kemu.hw.explore.Schedule;
import kemu.hw.explore.Scheduler;
import kemu.hw.explore.Trail;

/**
 * Executions like a failed one, with one thing otherwise: from one of its steps on a CPU is stopped, its store buffer
 * with it, until another CPU has nothing more to do. If such an execution does not fail, the failure needs that step,
 * or one after it, to come before the other CPU is through.
 */
final class Trials {
    /** Executions to spend on one failure. */
    private static final int MOST = 300;
    /** Steps beyond which a failure is too long to be tried again and again. */
    private static final int LONGEST = 20_000;

    /** What came of an execution. */
    enum Outcomes {
        /** It ends well. */
        HOLDS,
        /** It fails in another way. */
        FAILS_OTHERWISE,
        /** It fails as before. */
        FAILS,
        /** It cannot be: the others wait for the CPU that is stopped. Or nothing is left to try with. */
        IMPOSSIBLE
    }

    private final Explorer explorer;
    private final Schedule schedule;
    private final Result failed;
    private final BiPredicate<Result, Result> same;
    private final Map<String, Outcomes> known = new HashMap<>();
    private int left = MOST;

    Trials(Explorer explorer, Schedule schedule, Result failed, BiPredicate<Result, Result> same) {
        this.explorer = explorer;
        this.schedule = schedule;
        this.failed = failed;
        this.same = same;
        boolean fails = failed.failure() != null && failed.outcome() != Outcome.REFUSED;
        left = fails && schedule.trail().steps() <= LONGEST ? MOST : 0;
    }

    /**
     * What comes of it if CPU {@code stopped} does not take step {@code from}, nor any later, before {@code other} is
     * through.
     */
    Outcomes stop(int stopped, int from, int other) {
        return known.computeIfAbsent(stopped + " " + from + " " + other, key -> attempt(stopped, from, other));
    }

    private Outcomes attempt(int stopped, int from, int other) {
        if (left-- <= 0) {
            return Outcomes.IMPOSSIBLE;
        }
        Stopped scheduler = new Stopped(schedule.trail(), stopped, from, other);
        Result result = explorer.attempt(scheduler, schedule.pollsAreSteps());
        if (scheduler.broken || result.outcome() == Outcome.PRUNED) {
            return Outcomes.IMPOSSIBLE;
        }
        if (result.failure() == null) {
            return Outcomes.HOLDS;
        }
        return same.test(failed, result) ? Outcomes.FAILS : Outcomes.FAILS_OTHERWISE;
    }

    /** Follows a trail up to a step, and then stops a CPU. */
    private static final class Stopped implements Scheduler {
        private final Trail trail;
        private final int stopped;
        private final int from;
        private final int other;
        private int run;
        private int used;
        private int step;
        private boolean going;
        private boolean broken;

        Stopped(Trail trail, int stopped, int from, int other) {
            this.trail = trail;
            this.stopped = stopped;
            this.from = from;
            this.other = other;
        }

        @Override
        public String describe() {
            return "replay, one CPU stopped";
        }

        @Override
        public boolean begin(long execution) {
            return execution == 0;
        }

        @Override
        public long lot() {
            return trail.lot();
        }

        @Override
        public int choose(Lanes lanes, int last) {
            step++;
            if (step >= from && !going) {
                boolean through = lanes.kind(other) == kemu.hw.cpu.Pending.NONE && step > 1;
                long others = lanes.enabled() & ~lanes.of(stopped);
                if (!through && others != 0) {
                    return next(lanes, others, last);
                }
                going = true;
                broken = !through;
            }
            return next(lanes, lanes.enabled(), last);
        }

        /** The next lane of the trail among {@code allowed}; then whoever moved last, as long as it can. */
        private int next(Lanes lanes, long allowed, int last) {
            while (run < trail.runs()) {
                int lane = trail.lane(run);
                boolean held = step >= from && !going && lanes.cpuOf(lane) == stopped;
                if (!held && used < trail.count(run)) {
                    if ((allowed & 1L << lane) != 0) {
                        used++;
                        return lane;
                    }
                    long own = lanes.isStep(lane) ? allowed & lanes.of(lane) : 0;
                    if (own != 0) {
                        return Long.numberOfTrailingZeros(own);
                    }
                }
                run++;
                used = 0;
            }
            long own = last < 0 ? 0 : allowed & lanes.of(lanes.cpuOf(last));
            return Long.numberOfTrailingZeros(own != 0 ? own : allowed);
        }
    }
}

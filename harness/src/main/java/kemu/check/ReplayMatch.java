package kemu.check;

import kemu.hw.explore.Result;
import kemu.hw.explore.Schedule;

/** Tells whether a replay was the recorded execution again. */
public final class ReplayMatch {
    private ReplayMatch() {}

    /** What is different in {@code again}, in one line with the step; null if it is the same in every bit. */
    public static String difference(Schedule schedule, Result again) {
        int steps = again.trail() == null ? again.longest() : again.trail().steps();
        int recorded = schedule.trail().steps();
        if (steps != recorded) {
            return "ends at step " + steps + ", the schedule goes on to step " + recorded;
        }
        if (again.outcome() != schedule.outcome()) {
            return "step " + steps + " ends it as " + again.outcome() + ", in the schedule as " + schedule.outcome();
        }
        if (again.stateHash() != schedule.stateHash()) {
            return "after step " + steps + " memory is " + Long.toHexString(again.stateHash()) + ", in the schedule "
                    + Long.toHexString(schedule.stateHash());
        }
        return again.failure() == null ? "it does not fail" : null;
    }
}

package kemu.hw.sched;

/** Takes the steps of a recorded schedule, or says where that is not possible. */
public final class Replay implements Scheduler {
    private final Trail trail;
    private final boolean lenient;
    private int run;
    private int done;
    private int steps;
    private String complaint;

    private Replay(Trail trail, boolean lenient) {
        this.trail = trail;
        this.lenient = lenient;
    }

    /** Replays exactly {@code trail}. */
    public static Replay of(Trail trail) {
        return new Replay(trail, false);
    }

    /**
     * Follows {@code trail} where it can: skips what is not enabled, and goes on without switching once it is through.
     */
    static Replay near(Trail trail) {
        return new Replay(trail, true);
    }

    @Override
    public String describe() {
        return "replay";
    }

    @Override
    public boolean begin(long execution) {
        run = 0;
        done = 0;
        steps = 0;
        complaint = null;
        return execution == 0 || lenient;
    }

    @Override
    public int choose(Lanes lanes, int last) {
        while (run < trail.runs()) {
            int lane = trail.lane(run);
            if (done < trail.count(run) && (lanes.enabled() & 1L << lane) != 0) {
                done++;
                steps++;
                return lane;
            }
            if (done < trail.count(run) && !lenient) {
                complaint = "diverged at step " + steps + ": " + lanes.name(lane) + " cannot go on here";
                return PRUNE;
            }
            run++;
            done = 0;
        }
        if (!lenient) {
            complaint = "schedule exhausted at step " + steps + ", but the execution goes on";
            return PRUNE;
        }
        boolean stays = last >= 0 && (lanes.enabled() & 1L << last) != 0;
        return stays ? last : Long.numberOfTrailingZeros(lanes.enabled());
    }

    /** True if the whole schedule was taken. */
    public boolean finished() {
        return run >= trail.runs() || run == trail.runs() - 1 && done == trail.count(run);
    }

    @Override
    public String complaint() {
        return complaint;
    }
}

package kemu.hw.explore;

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
    public long lot() {
        return trail.lot();
    }

    @Override
    public int choose(Lanes lanes, int last) {
        while (run < trail.runs()) {
            int lane = trail.lane(run);
            if (done < trail.count(run)) {
                if ((lanes.enabled() & 1L << lane) != 0) {
                    done++;
                    steps++;
                    return lane;
                }
                if (!lenient) {
                    complaint = "diverged at step " + steps + ": " + lanes.name(lane) + " cannot go on here";
                    return PRUNE;
                }
                long own = lanes.isStep(lane) ? lanes.enabled() & lanes.of(lane) : 0;
                if (own != 0) {
                    // Its stores have to become visible first.
                    return Long.numberOfTrailingZeros(own);
                }
            }
            run++;
            done = 0;
        }
        if (!lenient) {
            complaint = "schedule exhausted at step " + steps + ", but the execution goes on";
            return PRUNE;
        }
        return stay(lanes, last);
    }

    /** The CPU that moved last as long as it can, else the first that can. */
    private static int stay(Lanes lanes, int last) {
        int cpu = last < 0 ? -1 : lanes.cpuOf(last);
        if (cpu < 0 || (lanes.movable() & 1L << cpu) == 0) {
            cpu = Long.numberOfTrailingZeros(lanes.movable());
        }
        return Long.numberOfTrailingZeros(lanes.enabled() & lanes.of(cpu));
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

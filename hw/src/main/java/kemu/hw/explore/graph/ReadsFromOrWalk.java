package kemu.hw.explore.graph;

import kemu.hw.explore.Exploration;
import kemu.hw.explore.Lanes;
import kemu.hw.explore.RandomWalk;
import kemu.hw.explore.Scheduler;
import kemu.hw.machine.EmuMachine;

/**
 * {@link ReadsFrom}, and where that gives up a random walk; where it takes long, every second execution is one of the
 * walk, which may fail somewhere else. A PASS is the first one's.
 */
public final class ReadsFromOrWalk implements Scheduler {
    /** Executions after which the walk takes every second one. */
    private static final long ALONE = 4096;

    private final ReadsFrom readsFrom;
    private final RandomWalk walk;
    private final long alone;
    private Scheduler current;
    /** Executions of the first one. */
    private long led;

    /**
     * Explores the executions of {@code machine} that {@code exploration} drives; the walk is one from {@code seed}.
     */
    public ReadsFromOrWalk(EmuMachine machine, Exploration exploration, long seed) {
        this(machine, exploration, seed, ALONE);
    }

    /** The walk begins after {@code alone} executions. */
    ReadsFromOrWalk(EmuMachine machine, Exploration exploration, long seed, long alone) {
        this.alone = alone;
        readsFrom = new ReadsFrom(machine, exploration);
        walk = new RandomWalk(seed);
        current = readsFrom;
    }

    @Override
    public String describe() {
        return readsFrom.describe();
    }

    /** Why the first one gave up, or null. */
    public String trouble() {
        return readsFrom.trouble();
    }

    @Override
    public boolean begin(long execution) {
        led = execution == 0 ? 0 : led;
        boolean gaveUp = execution > 0 && readsFrom.trouble() != null;
        if (!gaveUp && (execution < alone || (execution & 1) == 0)) {
            current = readsFrom;
            if (readsFrom.begin(led++)) {
                return true;
            }
            if (readsFrom.trouble() == null) {
                return false;
            }
        }
        current = walk;
        return walk.begin(execution);
    }

    @Override
    public int choose(Lanes lanes, int last) {
        return current.choose(lanes, last);
    }

    @Override
    public int stay() {
        return current.stay();
    }

    @Override
    public long lot() {
        return current.lot();
    }

    @Override
    public void end(Lanes lanes) {
        current.end(lanes);
    }

    @Override
    public boolean exhaustive() {
        return readsFrom.exhaustive();
    }

    @Override
    public boolean fair() {
        return current.fair();
    }

    @Override
    public boolean preempts() {
        return current.preempts();
    }
}

package kemu.hw.explore;

import kemu.hw.cpu.Pending;

/**
 * Partial order sampling: every pending operation has a random priority, the highest goes next, and what races with it
 * is drawn anew. Spreads executions over partial orders more evenly than a walk does.
 *
 * <p>Source: Yuan, Yang, Gu, "Partial order aware concurrency sampling", CAV 2018.
 */
public final class Pos implements Scheduler {
    private final long seed;
    private final Dice dice = new Dice();
    private long lot;
    private final long[] priorities = new long[Lanes.MAX];

    /** Sampling from {@code seed}. */
    public Pos(long seed) {
        this.seed = seed;
    }

    @Override
    public String describe() {
        return "pos";
    }

    @Override
    public boolean begin(long execution) {
        lot = Dice.lot(seed, execution);
        dice.reset(seed, execution);
        for (int i = 0; i < priorities.length; i++) {
            priorities[i] = dice.next();
        }
        return true;
    }

    @Override
    public long lot() {
        return lot;
    }

    @Override
    public int choose(Lanes lanes, int last) {
        int best = -1;
        for (long rest = lanes.enabled(); rest != 0; rest &= rest - 1) {
            int lane = Long.numberOfTrailingZeros(rest);
            if (best < 0 || priorities[lane] > priorities[best]) {
                best = lane;
            }
        }
        for (int lane = 0; lane < lanes.count(); lane++) {
            if (lane == best || lanes.kind(lane) != Pending.NONE && lanes.dependent(lane, best)) {
                priorities[lane] = dice.next();
            }
        }
        return best;
    }
}

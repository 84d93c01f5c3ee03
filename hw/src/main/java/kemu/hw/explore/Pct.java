package kemu.hw.explore;

import java.util.Arrays;

/**
 * Probabilistic concurrency testing: lanes have random priorities, the highest enabled one runs, and at {@code depth -
 * 1} random points the one that runs falls below all others. Finds a bug of that depth with probability at least
 * 1/(lanes * steps^(depth-1)).
 *
 * <p>Source: Burckhardt, Kothari, Musuvathi, Nagarakatte, "A randomized scheduler with probabilistic guarantees of
 * finding bugs", ASPLOS 2010. The number of steps is estimated by the longest execution so far.
 */
public final class Pct implements Scheduler {
    private static final int FIRST_ESTIMATE = 256;

    private final long seed;
    private final int depth;
    private final Dice dice = new Dice();
    private long lot;
    private final long[] priorities = new long[Lanes.MAX];
    private final int[] changes;
    private int steps;
    private int longest = FIRST_ESTIMATE;
    private int changed;

    /** Depth {@code depth}, at least 1. */
    public Pct(long seed, int depth) {
        if (depth < 1) {
            throw new IllegalArgumentException("pct depth: " + depth + " (allowed: 1 and more)");
        }
        this.seed = seed;
        this.depth = depth;
        this.changes = new int[depth - 1];
    }

    @Override
    public boolean fair() {
        return false;
    }

    @Override
    public String describe() {
        return "pct d=" + depth;
    }

    @Override
    public boolean begin(long execution) {
        longest = Math.max(longest, steps);
        lot = Dice.lot(seed, execution);
        dice.reset(seed, execution);
        for (int i = 0; i < priorities.length; i++) {
            priorities[i] = dice.next() >>> 1;
        }
        for (int i = 0; i < changes.length; i++) {
            changes[i] = dice.below(longest);
        }
        Arrays.sort(changes);
        steps = 0;
        changed = 0;
        return true;
    }

    @Override
    public long lot() {
        return lot;
    }

    @Override
    public int choose(Lanes lanes, int last) {
        int best = highest(lanes.enabled(), lanes);
        while (changed < changes.length && changes[changed] <= steps) {
            // Below all drawn priorities and below those that fell before.
            priorities[best] = -1L - changed;
            changed++;
            int preempt = lanes.preempt(lanes.cpuOf(best));
            if ((lanes.enabled() & 1L << preempt) != 0 && dice.below(2) == 0) {
                // The change may as well be one of the task.
                best = preempt;
                break;
            }
            best = highest(lanes.enabled(), lanes);
        }
        steps++;
        return best;
    }

    private int highest(long enabled, Lanes lanes) {
        int best = -1;
        for (long rest = enabled; rest != 0; rest &= rest - 1) {
            int lane = Long.numberOfTrailingZeros(rest);
            // A task is preempted at a change, or when its CPU waits and nobody else can go on.
            boolean better = best < 0 || lanes.isPreempt(best) || priorities[lane] > priorities[best];
            if (best < 0 || better && !lanes.isPreempt(lane)) {
                best = lane;
            }
        }
        return best;
    }
}

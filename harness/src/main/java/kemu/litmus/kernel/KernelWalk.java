package kemu.litmus.kernel;

import kemu.hw.cpu.Pending;
import kemu.hw.explore.Dice;
import kemu.hw.explore.Lanes;
import kemu.hw.explore.Scheduler;

/**
 * Random executions of a {@link KernelScene}: half of them walks whose stretches on one CPU are of every length, half
 * with priorities that change now and then, since a grace period is long and the accesses it must separate are few. The
 * clock ticks when nothing else can happen, and now and then otherwise. An execution is over when all processes have
 * ended and what they stored is visible.
 */
final class KernelWalk implements Scheduler {
    private static final int LENGTHS = 9;
    private static final int GRAINS = 5;
    /** The CPU of the clock. */
    private static final int CLOCK = 0;
    /** One in so many occasions to preempt is taken. */
    private static final int PREEMPTIONS = 64;

    private final KernelScene scene;
    private final long seed;
    private final Dice dice = new Dice();
    private final long[] priorities = new long[Lanes.MAX];
    private int stay;
    private int lengths;
    private int ticks;
    private int changes;
    private long lowest;
    private int grain;

    KernelWalk(KernelScene scene, long seed) {
        this.scene = scene;
        this.seed = seed;
    }

    @Override
    public String describe() {
        return "random";
    }

    @Override
    public boolean begin(long execution) {
        dice.reset(seed, execution);
        stay = 1;
        lowest = 0;
        grain = 1 << dice.below(GRAINS);
        lengths = 1 + dice.below(LENGTHS);
        ticks = 1 << 5 + dice.below(4);
        changes = dice.below(2) == 0 ? 0 : 1 << 1 + dice.below(7);
        for (int i = 0; i < priorities.length; i++) {
            priorities[i] = dice.next() >>> 1;
        }
        return true;
    }

    @Override
    public int choose(Lanes lanes, int last) {
        long enabled = lanes.enabled();
        if (scene.over()) {
            long drains = drains(lanes, enabled);
            stay = 1;
            return drains == 0 ? PRUNE : dice.oneOf(drains);
        }
        if (scene.hasClock() && lanes.kind(CLOCK) == Pending.RELAX && !scene.clockIsAsked()) {
            if (allSpin(lanes, enabled)) {
                // Any of them, for who waits for the clock has to look at it as well.
                stay = 1;
                return dice.oneOf(enabled);
            }
            enabled &= dice.below(ticks) == 0 ? -1 : ~(1L << CLOCK);
        }
        long steps = enabled & ~preemptions(lanes);
        if (steps != 0 && dice.below(PREEMPTIONS) != 0) {
            // Tasks of one CPU that preempt each other all the time would get nowhere.
            enabled = steps;
        }
        return changes == 0 ? walk(lanes, enabled, last) : highest(lanes, enabled);
    }

    private static long preemptions(Lanes lanes) {
        long set = 0;
        for (int cpu = 0; cpu < lanes.cpus(); cpu++) {
            set |= 1L << lanes.preempt(cpu);
        }
        return set;
    }

    private static long drains(Lanes lanes, long enabled) {
        long drains = 0;
        for (long rest = enabled; rest != 0; rest &= rest - 1) {
            int lane = Long.numberOfTrailingZeros(rest);
            drains |= lanes.isDrain(lane) ? 1L << lane : 0;
        }
        return drains;
    }

    /** True if nobody can do anything but go round in a loop. */
    private static boolean allSpin(Lanes lanes, long enabled) {
        boolean all = (enabled & 1L << CLOCK) != 0;
        for (long rest = enabled; all && rest != 0; rest &= rest - 1) {
            all = lanes.kind(Long.numberOfTrailingZeros(rest)) == Pending.RELAX;
        }
        return all;
    }

    private int walk(Lanes lanes, long enabled, int last) {
        if (last >= 0 && lanes.left() > 0) {
            int cpu = lanes.cpuOf(last);
            long own = enabled & lanes.of(cpu);
            if ((own & 1L << cpu) != 0) {
                stay = lanes.left();
                return cpu;
            }
            if (own != 0) {
                return dice.oneOf(own);
            }
        }
        stay = 1 + dice.below(1 << dice.below(lengths));
        int cpu = lanes.cpuOf(dice.oneOf(movable(lanes, enabled)));
        long own = enabled & lanes.of(cpu);
        boolean step = (own & 1L << cpu) != 0;
        return step && (own == 1L << cpu || dice.below(4) != 0) ? cpu : dice.oneOf(own & ~(1L << cpu));
    }

    private static long movable(Lanes lanes, long enabled) {
        long set = 0;
        for (int cpu = 0; cpu < lanes.cpus(); cpu++) {
            set |= (enabled & lanes.of(cpu)) != 0 ? 1L << cpu : 0;
        }
        return set;
    }

    private int highest(Lanes lanes, long enabled) {
        stay = 1 + dice.below(grain);
        int best = -1;
        for (long rest = enabled; rest != 0; rest &= rest - 1) {
            int lane = Long.numberOfTrailingZeros(rest);
            best = best < 0 || priorities[lane] > priorities[best] ? lane : best;
        }
        if (lanes.kind(best) == Pending.RELAX) {
            // Who goes round in a loop lets all others go first.
            priorities[best] = --lowest;
        } else if (dice.below(changes) == 0) {
            priorities[best] = dice.next() >>> 1;
        }
        return best;
    }

    @Override
    public int stay() {
        return stay;
    }
}

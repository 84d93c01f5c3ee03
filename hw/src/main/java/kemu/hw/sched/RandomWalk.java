package kemu.hw.sched;

/**
 * Picks any lane, then draws how long a CPU runs before the next pick: the length is log-uniform, so that both races of
 * two instructions and long undisturbed stretches are met, and staying on a CPU costs nothing.
 */
public final class RandomWalk implements Scheduler {
    private static final int LENGTHS = 9;

    private final long seed;
    private final Dice dice = new Dice();

    /** A walk from {@code seed}. */
    public RandomWalk(long seed) {
        this.seed = seed;
    }

    @Override
    public String describe() {
        return "random";
    }

    @Override
    public boolean begin(long execution) {
        dice.reset(seed, execution);
        return true;
    }

    @Override
    public int choose(Lanes lanes, int last) {
        return dice.oneOf(lanes.enabled());
    }

    @Override
    public int stay() {
        return 1 + dice.below(1 << dice.below(LENGTHS));
    }
}

package kemu.hw.explore;

/**
 * Picks any lane, then draws how long a CPU runs before the next pick: the length is log-uniform, so that both races of
 * two instructions and long undisturbed stretches are met, and staying on a CPU costs nothing.
 */
public final class RandomWalk implements Scheduler {
    private static final int LENGTHS = 9;

    private final long seed;
    private final Dice dice = new Dice();
    private long lot;
    private int stay;

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
        lot = Dice.lot(seed, execution);
        dice.reset(seed, execution);
        stay = 1;
        return true;
    }

    @Override
    public long lot() {
        return lot;
    }

    @Override
    public int choose(Lanes lanes, int last) {
        long enabled = lanes.enabled();
        if (last >= 0 && lanes.left() > 0) {
            // Stopped within its stretch: to let buffered stores out it need not give way.
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
        stay = 1 + dice.below(1 << dice.below(LENGTHS));
        // A CPU with many buffered stores has more lanes, but is not picked more often.
        int cpu = lanes.cpuOf(dice.oneOf(lanes.movable()));
        long own = enabled & lanes.of(cpu);
        boolean step = (own & 1L << cpu) != 0;
        return step && (own == 1L << cpu || dice.below(4) != 0) ? cpu : dice.oneOf(own & ~(1L << cpu));
    }

    @Override
    public int stay() {
        return stay;
    }
}

package kemu.hw.explore;

import java.util.Arrays;
import kemu.hw.cpu.Pending;

/**
 * Every execution with at most so many deviations, under any memory model. No deviation: the CPU that moved last goes
 * on for as long as it can, its loads see what is newest, its stores stay in its buffer until it must let them out or
 * cannot go on, and when it cannot go on any other CPU may. Each of these is one: to take the CPU from a task, or the
 * turn from a CPU, that could go on; to let out stores early, one out of turn or any number of the oldest; to load an
 * old value.
 *
 * <p>A deviation is tried only before steps that others can notice: accesses to words that several CPUs use and some
 * CPU writes, and everything on a CPU whose task could be preempted. Such words are learned; when another turns up, the
 * pass starts again. Passes have bounds of 0, 1, and so on: a failure is found with as few deviations as it takes.
 *
 * <p>Source of the idea: Musuvathi and Qadeer, "Iterative context bounding", PLDI 2007.
 */
public final class Bounded implements Scheduler {
    private static final int FIRST_DEPTH = 512;

    private final int bound;
    private final boolean learns;
    private final SharedWords shared = new SharedWords();
    /** The bound of this pass: 0, then one more each time, so that a failure is found with as few as it takes. */
    private int level;

    /** True if this pass has left something out. */
    private boolean cut;

    private boolean complete;

    /** Per node, the lanes still to be tried. */
    private long[] open = new long[FIRST_DEPTH];

    private int[] chosen = new int[FIRST_DEPTH];
    /** Per node, the lanes that cost nothing. */
    private long[] free = new long[FIRST_DEPTH];
    /** Per node, how many lanes were to be tried in all. */
    private int[] choicesOf = new int[FIRST_DEPTH];

    /** Per node, the deviations before it. */
    private int[] spent = new int[FIRST_DEPTH];
    /** Per node, the CPU that took the last step before it, or -1. */
    private int[] runner = new int[FIRST_DEPTH];

    private int nodes;
    private int depth;

    /** At most {@code bound} deviations, 0 and more. */
    public Bounded(int bound) {
        this(bound, true);
    }

    /** Without learning, deviations are tried before every step: what learning is checked against. */
    Bounded(int bound, boolean learns) {
        if (bound < 0) {
            throw new IllegalArgumentException("preemptions: " + bound + " (allowed: 0 and more)");
        }
        this.bound = bound;
        this.learns = learns;
    }

    @Override
    public String describe() {
        return "exhaustive within " + bound;
    }

    @Override
    public String bounds() {
        int covered = complete ? level : level - 1;
        return complete && !cut || covered < 0
                ? ""
                : "at most " + covered + " deviation(s) (a preemption, stores let out early, an old value loaded)";
    }

    /** Of this pass; those with more deviations are longer. */
    @Override
    public double covered() {
        double share = 1;
        double sum = 0;
        for (int node = 0; node < nodes; node++) {
            int left = Long.bitCount(open[node]);
            sum += share * (choicesOf[node] - 1 - left) / choicesOf[node];
            share /= choicesOf[node];
        }
        return sum;
    }

    @Override
    public String phase() {
        return "pass with at most " + level + " deviation(s) of " + bound;
    }

    @Override
    public boolean exhaustive() {
        return true;
    }

    @Override
    public boolean preempts() {
        return true;
    }

    @Override
    public boolean begin(long execution) {
        depth = 0;
        if (execution == 0) {
            level = 0;
            startPass();
        } else if (shared.grown()) {
            startPass();
        } else if (!backtrack()) {
            complete = !cut || level == bound;
            if (complete) {
                return false;
            }
            level++;
            startPass();
        }
        shared.begin();
        return true;
    }

    private void startPass() {
        nodes = 0;
        cut = false;
        complete = false;
    }

    /** Takes the last choice that is left; false if none is. */
    private boolean backtrack() {
        while (nodes > 0 && open[nodes - 1] == 0) {
            nodes--;
        }
        if (nodes == 0) {
            return false;
        }
        chosen[nodes - 1] = Long.numberOfTrailingZeros(open[nodes - 1]);
        open[nodes - 1] &= open[nodes - 1] - 1;
        return true;
    }

    @Override
    public int choose(Lanes lanes, int last) {
        if (depth == nodes) {
            newNode(lanes);
        }
        int lane = chosen[depth++];
        if (learns) {
            shared.note(lanes.cpuOf(lane), lanes.kind(lane), lanes.address(lane));
        }
        return lane;
    }

    @Override
    public void end(Lanes lanes) {
        if (learns) {
            for (int cpu = 0; cpu < lanes.cpus(); cpu++) {
                // Whoever waits in vain would have read the word at another time.
                shared.note(cpu, lanes.kind(cpu), lanes.address(cpu));
            }
        }
    }

    private void newNode(Lanes lanes) {
        if (depth == chosen.length) {
            grow();
        }
        int cost = 0;
        int running = -1;
        int before = -1;
        if (depth > 0) {
            before = chosen[depth - 1];
            cost = spent[depth - 1] + ((free[depth - 1] & 1L << before) != 0 ? 0 : 1);
            running = lanes.isStep(before) || lanes.isPreempt(before) ? lanes.cpuOf(before) : runner[depth - 1];
        }
        int goesOn = running < 0 ? -1 : goesOn(lanes, running);
        long costsNothing = goesOn >= 0 ? 1L << goesOn : anyone(lanes);
        if (before >= 0 && lanes.isDrain(before) && lanes.entryOf(before) == 0) {
            // The oldest stores may go together.
            costsNothing |= lanes.enabled() & 1L << before;
        }
        long choices = lanes.enabled() & costsNothing;
        if (goesOn < 0 || !learns || noticed(lanes, goesOn)) {
            long others = lanes.enabled() & ~choices;
            cut |= cost >= level && others != 0;
            choices |= cost < level ? worthwhile(lanes, others, goesOn < 0 || cost + 1 < level ? -1 : running) : 0;
        }
        spent[depth] = cost;
        runner[depth] = running;
        free[depth] = costsNothing;
        chosen[depth] = Long.numberOfTrailingZeros(costsNothing & choices);
        open[depth] = choices & ~(1L << chosen[depth]);
        choicesOf[depth] = Long.bitCount(choices);
        nodes = depth + 1;
    }

    /** Every way on that costs nothing once the last CPU cannot go on by itself. */
    private static long anyone(Lanes lanes) {
        long ways = 0;
        for (int cpu = 0; cpu < lanes.cpus(); cpu++) {
            int lane = goesOn(lanes, cpu);
            ways |= lane >= 0 ? 1L << lane : lanes.enabled() & lanes.of(cpu);
        }
        return ways;
    }

    /** How CPU {@code cpu} goes on by itself; -1 if it cannot. */
    private static int goesOn(Lanes lanes, int cpu) {
        if (lanes.delivers() > 0 && enabled(lanes, lanes.deliver(cpu, 0))) {
            return lanes.deliver(cpu, 0);
        }
        if (enabled(lanes, cpu)) {
            return cpu;
        }
        return lanes.drains() > 0 && enabled(lanes, lanes.drain(cpu, 0)) ? lanes.drain(cpu, 0) : -1;
    }

    private static boolean enabled(Lanes lanes, int lane) {
        return (lanes.enabled() & 1L << lane) != 0;
    }

    /**
     * Without stores out of turn to words that no other CPU uses, which might as well stay; and without stores of
     * {@code last}, a CPU that then goes on to where it lets them out anyway since no deviation is left.
     */
    private long worthwhile(Lanes lanes, long others, int last) {
        if (!learns) {
            return others;
        }
        long worth = 0;
        for (long rest = others; rest != 0; rest &= rest - 1) {
            int lane = Long.numberOfTrailingZeros(rest);
            boolean own = lanes.isDrain(lane)
                    && (lanes.cpuOf(lane) == last || lanes.entryOf(lane) > 0 && !shared.contains(lanes.address(lane)));
            worth |= own ? 0 : 1L << lane;
        }
        return worth;
    }

    /** True if another CPU, or another task, can tell whether this was before or after what it does. */
    private boolean noticed(Lanes lanes, int lane) {
        int kind = lanes.kind(lane);
        if (kind == Pending.RELAX || enabled(lanes, lanes.preempt(lanes.cpuOf(lane)))) {
            return true;
        }
        if (kind == Pending.FENCE && buffers(lanes, lanes.cpuOf(lane))) {
            // It may be a store that replaces the buffered one, which then nobody ever sees.
            return true;
        }
        if (kind == Pending.FENCE || kind == Pending.NONE || kind == Pending.SWITCH) {
            return false;
        }
        return shared.contains(lanes.address(lane));
    }

    /** True if a store of {@code cpu} to a shared word waits in a buffer that merges stores. */
    private boolean buffers(Lanes lanes, int cpu) {
        for (int k = 0; lanes.drains() > 1 && k < lanes.drains(); k++) {
            int lane = lanes.drain(cpu, k);
            if (enabled(lanes, lane) && shared.contains(lanes.address(lane))) {
                return true;
            }
        }
        return false;
    }

    private void grow() {
        int size = 2 * depth;
        open = Arrays.copyOf(open, size);
        chosen = Arrays.copyOf(chosen, size);
        choicesOf = Arrays.copyOf(choicesOf, size);
        free = Arrays.copyOf(free, size);
        spent = Arrays.copyOf(spent, size);
        runner = Arrays.copyOf(runner, size);
    }
}

package kemu.hw.explore;

import java.util.Arrays;
import kemu.hw.cpu.Pending;

/**
 * Every interleaving, up to the order of independent steps: stateless search with source sets and sleep sets. Steps are
 * dependent if they access the same word and one of them may write it; a wait is a load that is disabled while the word
 * does not fit.
 *
 * <p>Source: Abdulla, Aronis, Jonsson, Sagonas, "Source sets: a foundation for optimal dynamic partial order
 * reduction", J. ACM 64(4), 2017, algorithm Source-DPOR. Waits are not covered there: a wait, executed or blocked at
 * the end, is taken to race with every write to its word that its CPU does not know of, not only with the last. A CPU
 * whose task can be preempted has two ways to go on, and both are taken wherever one is.
 */
public final class Dpor implements Scheduler {
    private static final int FIRST_DEPTH = 512;

    private long[] enabled = new long[FIRST_DEPTH];
    private long[] sleep = new long[FIRST_DEPTH];
    private long[] done = new long[FIRST_DEPTH];
    private long[] backtrack = new long[FIRST_DEPTH];
    private int[] chosen = new int[FIRST_DEPTH];
    private final int[] firsts = new int[Lanes.MAX];
    private int[] races = new int[FIRST_DEPTH];
    private HappensBefore order;
    private int depth;
    private int nodes;
    private int prefix = -1;
    private boolean diverged;

    @Override
    public String describe() {
        return "exhaustive";
    }

    @Override
    public boolean exhaustive() {
        return !diverged;
    }

    @Override
    public boolean preempts() {
        return true;
    }

    @Override
    public boolean begin(long execution) {
        if (diverged) {
            return false;
        }
        if (execution == 0) {
            prefix = -1;
            nodes = 0;
        } else {
            prefix = nodes - 1;
            while (prefix >= 0 && open(prefix) == 0) {
                prefix--;
            }
            if (prefix < 0) {
                return false;
            }
            chosen[prefix] = Long.numberOfTrailingZeros(open(prefix));
            done[prefix] |= 1L << chosen[prefix];
            nodes = prefix + 1;
        }
        depth = 0;
        if (order != null) {
            order.clear();
        }
        return true;
    }

    /** Lanes still to be tried at node {@code node}. */
    private long open(int node) {
        return backtrack[node] & ~done[node] & ~sleep[node];
    }

    @Override
    public int choose(Lanes lanes, int last) {
        if (lanes.drains() > 1 || lanes.delivers() > 0) {
            throw new IllegalStateException(
                    "exhaustive search needs a model that keeps the order of stores and has no old values");
        }
        if (order == null) {
            order = new HappensBefore(lanes);
        }
        if (depth >= nodes && !newNode(lanes, last)) {
            return PRUNE;
        }
        int lane = chosen[depth];
        if ((lanes.enabled() & 1L << lane) == 0) {
            diverged = true;
            return PRUNE;
        }
        int kind = lanes.kind(lane);
        long address = lanes.address(lane);
        int cause = cause(lanes, lane, kind);
        int process = process(lanes, lane);
        if (depth >= prefix) {
            int count = races(process, kind, address, cause, lanes);
            int event = order.add(process, kind, address, cause);
            backtrackAll(lanes, count, lane, kind, event);
        } else {
            order.add(process, kind, address, cause);
        }
        depth++;
        return lane;
    }

    /**
     * Knuth, "Estimating the efficiency of backtrack programs", 1975, turned round: the share of each node's branches.
     */
    @Override
    public double covered() {
        double share = 1;
        double sum = 0;
        for (int node = 0; node < nodes; node++) {
            int begun = Long.bitCount(done[node]);
            int all = begun + Long.bitCount(open(node));
            sum += share * (begun - 1) / all;
            share /= all;
        }
        return sum;
    }

    @Override
    public String complaint() {
        return diverged ? "the same steps led to another state: the scenario does not repeat" : null;
    }

    private boolean newNode(Lanes lanes, int last) {
        if (depth == chosen.length) {
            grow();
        }
        long asleep = 0;
        if (depth > 0) {
            int parent = depth - 1;
            long candidates = (sleep[parent] | done[parent]) & ~(1L << chosen[parent]);
            int kind = order.kind(parent);
            long address = order.address(parent);
            for (long rest = candidates; rest != 0; rest &= rest - 1) {
                int lane = Long.numberOfTrailingZeros(rest);
                boolean free = lanes.forwards(order.lane(parent), lane, lanes.kind(lane))
                        || lanes.forwards(lane, order.lane(parent), kind);
                boolean sameProcess = process(lanes, lane) == order.lane(parent);
                if (!sameProcess && (free || !Lanes.dependent(kind, address, lanes.kind(lane), lanes.address(lane)))) {
                    asleep |= 1L << lane;
                }
            }
        }
        long awake = lanes.enabled() & ~asleep;
        if (awake == 0) {
            return false;
        }
        boolean stays = last >= 0 && (awake & 1L << last) != 0;
        chosen[depth] = stays ? last : Long.numberOfTrailingZeros(awake);
        enabled[depth] = lanes.enabled();
        sleep[depth] = asleep;
        done[depth] = 1L << chosen[depth];
        backtrack[depth] = withAlternatives(lanes, done[depth], enabled[depth]);
        if (preemptsWaiter(lanes, chosen[depth])) {
            // What would let the waiter go on must also be met before it is preempted.
            backtrack[depth] = enabled[depth];
        }
        nodes = depth + 1;
        return true;
    }

    /** The steps of a CPU and the preemptions of its tasks are one process: either may come next, never both. */
    private static int process(Lanes lanes, int lane) {
        return lanes.isPreempt(lane) ? lanes.cpuOf(lane) : lane;
    }

    /** {@code set} and, of every CPU in it, step and preemption alike, as far as they are {@code possible}. */
    private static long withAlternatives(Lanes lanes, long set, long possible) {
        long all = set;
        for (int cpu = 0; cpu < lanes.cpus(); cpu++) {
            long both = 1L << cpu | 1L << lanes.preempt(cpu);
            all |= (set & both) != 0 ? both & possible : 0;
        }
        return all;
    }

    private static boolean preemptsWaiter(Lanes lanes, int lane) {
        return lanes.isPreempt(lane) && (lanes.enabled() & 1L << lanes.cpuOf(lane)) == 0;
    }

    /** What the next event of {@code lane} comes after: its store, or the drains that it has to wait for. */
    private int cause(Lanes lanes, int lane, int kind) {
        boolean drains = lanes.drains() > 0 && lanes.isStep(lane) && (kind == Pending.RMW || kind == Pending.FENCE);
        return drains ? order.lastOf(lanes.drain(lane, 0)) : lanes.cause(lane);
    }

    private int races(int process, int kind, long address, int cause, Lanes lanes) {
        if (races.length < depth + lanes.count()) {
            races = Arrays.copyOf(races, 2 * (depth + lanes.count()));
        }
        return order.racesOf(process, kind, address, cause, races);
    }

    /** The lane's access, event {@code own}, races with those in {@link #races}. */
    private void backtrackAll(Lanes lanes, int count, int lane, int kind, int own) {
        for (int i = 0; i < count; i++) {
            if (kind == Pending.WAIT || immediate(i, count)) {
                reverse(lanes, races[i], lane, own, own);
            }
        }
    }

    /** False if another of the races lies between: reversing that one comes first. */
    private boolean immediate(int i, int count) {
        for (int k = 0; k < count; k++) {
            if (k != i && order.before(races[i], races[k])) {
                return false;
            }
        }
        return true;
    }

    /**
     * Makes sure that some execution has an access of {@code lane} before event {@code race}: takes what does not
     * depend on the race, up to event {@code end}, and then the access, whose causes are those of event {@code cause}.
     * Any lane that can begin this sequence will do.
     */
    private void reverse(Lanes lanes, int race, int lane, int cause, int end) {
        long present = 0;
        long initials = 0;
        for (int event = race + 1; event < end; event++) {
            int of = order.lane(event);
            if ((present & 1L << of) == 0 && !order.before(race, event)) {
                if (first(event, present)) {
                    initials |= 1L << chosen[event];
                }
                present |= 1L << of;
                firsts[of] = event;
            }
        }
        boolean absent = (present & 1L << process(lanes, lane)) == 0;
        if (absent && (cause == HappensBefore.NONE || first(cause, present))) {
            initials |= 1L << lane;
        }
        initials = withAlternatives(lanes, initials, enabled[race]) & enabled[race] | initials & backtrack[race];
        if ((initials & backtrack[race]) != 0) {
            return;
        }
        if (initials != 0) {
            long one = (initials & 1L << lane) != 0 ? 1L << lane : Long.lowestOneBit(initials);
            backtrack[race] |= withAlternatives(lanes, one, enabled[race]);
        }
    }

    /** True if nothing in the sequence so far, which has events of {@code present}, happens before {@code event}. */
    private boolean first(int event, long present) {
        for (long rest = present; rest != 0; rest &= rest - 1) {
            int lane = Long.numberOfTrailingZeros(rest);
            if (order.clock(event, lane) >= firsts[lane]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void end(Lanes lanes) {
        if (order == null || diverged) {
            return;
        }
        for (int lane = 0; lane < lanes.count(); lane++) {
            if (lanes.kind(lane) == Pending.WAIT && (lanes.enabled() & 1L << lane) == 0) {
                int count = races(lane, Pending.WAIT, lanes.address(lane), HappensBefore.NONE, lanes);
                for (int i = 0; i < count; i++) {
                    reverse(lanes, races[i], lane, order.lastOf(lane), order.events());
                }
            }
        }
    }

    private void grow() {
        int size = 2 * chosen.length;
        enabled = Arrays.copyOf(enabled, size);
        sleep = Arrays.copyOf(sleep, size);
        done = Arrays.copyOf(done, size);
        backtrack = Arrays.copyOf(backtrack, size);
        chosen = Arrays.copyOf(chosen, size);
    }
}

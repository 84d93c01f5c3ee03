package kemu.hw.explore;

import kemu.hw.cpu.Pending;

/**
 * What can happen next. A lane is a source of transitions: the steps of one CPU, or another thing that happens to it
 * (its task is preempted, an entry of its store buffer drains, an invalidation is applied). Filled in by the driver
 * before every choice; schedulers only read it.
 */
public final class Lanes {
    /** Most lanes there can be: sets of lanes are one word. */
    public static final int MAX = 64;

    private final int cpus;
    private final int drains;
    private final int delivers;
    private final int count;
    final int[] kinds;
    final long[] addresses;
    /** Per lane, the step that made its next operation possible, -1 for none but the lane's own last one. */
    final int[] causes;

    long enabled;
    int left;

    /** Lanes of a machine of {@code cpus} CPUs whose buffers have so many entries. */
    public Lanes(int cpus, int drains, int delivers) {
        this.cpus = cpus;
        this.drains = drains;
        this.delivers = delivers;
        // Each below the bound, so that no sum or product wraps.
        boolean possible = cpus > 0 && cpus <= MAX && drains >= 0 && drains <= MAX && delivers >= 0 && delivers <= MAX;
        count = possible ? cpus * (2 + drains + delivers) : Integer.MAX_VALUE;
        if (count > MAX) {
            throw new IllegalArgumentException("machine of " + cpus + " CPUs with buffers of " + drains + " and "
                    + delivers + " entries (allowed: " + MAX + " lanes)");
        }
        kinds = new int[count];
        addresses = new long[count];
        causes = new int[count];
        java.util.Arrays.fill(causes, -1);
    }

    /** Number of lanes. */
    public int count() {
        return count;
    }

    /** Number of CPUs; their lanes come first. */
    public int cpus() {
        return cpus;
    }

    /** The CPU that lane {@code lane} belongs to. */
    public int cpuOf(int lane) {
        return lane % cpus;
    }

    /** True if the lane is the steps of a CPU. */
    public boolean isStep(int lane) {
        return lane < cpus;
    }

    /** True if the lane is the preemption of a CPU's task. */
    public boolean isPreempt(int lane) {
        return lane >= cpus && lane < 2 * cpus;
    }

    /** The lane on which the task of {@code cpu} is preempted. */
    public int preempt(int cpu) {
        return cpus + cpu;
    }

    /** The lane on which entry {@code k} of the store buffer of {@code cpu} drains. */
    public int drain(int cpu, int k) {
        return cpus * (2 + k) + cpu;
    }

    /** The lane on which {@code cpu} applies waiting invalidation {@code k}. */
    public int deliver(int cpu, int k) {
        return cpus * (2 + drains + k) + cpu;
    }

    /** Entries of a store buffer that have a lane. */
    public int drains() {
        return drains;
    }

    /** Stale words of a CPU that have a lane. */
    public int delivers() {
        return delivers;
    }

    /** True if the lane is a drain. */
    public boolean isDrain(int lane) {
        return lane >= 2 * cpus && lane < cpus * (2 + drains);
    }

    /** Which entry of its buffer a drain or delivery lane is about. */
    public int entryOf(int lane) {
        int k = lane / cpus - 2;
        return k >= drains ? k - drains : k;
    }

    /** Set of lanes that can go on, as bits. */
    public long enabled() {
        return enabled;
    }

    /** Steps that the CPU which moved last was allowed and did not take. */
    public int left() {
        return left;
    }

    /** The lanes of CPU {@code cpu}, as bits. */
    public long of(int cpu) {
        long set = 0;
        for (int lane = cpu; lane < count; lane += cpus) {
            set |= 1L << lane;
        }
        return set;
    }

    /** The lanes of CPU {@code cpu} on which nothing comes to it from elsewhere, as bits: all but deliveries. */
    long own(int cpu) {
        long set = 0;
        for (int lane = cpu; lane < cpus * (2 + drains); lane += cpus) {
            set |= 1L << lane;
        }
        return set;
    }

    /** The CPUs that have an enabled lane, as bits. */
    public long movable() {
        long set = 0;
        for (int cpu = 0; cpu < cpus; cpu++) {
            set |= (enabled & of(cpu)) != 0 ? 1L << cpu : 0;
        }
        return set;
    }

    /** Kind of the next operation of {@code lane}: see {@link Pending}. */
    public int kind(int lane) {
        return kinds[lane];
    }

    /** Address of the next operation of {@code lane}. */
    public long address(int lane) {
        return addresses[lane];
    }

    /** Number of the step (from 0) before which the next operation of {@code lane} is not there, or -1. */
    public int cause(int lane) {
        return causes[lane];
    }

    /** True if the order of the next operations of two lanes may matter. */
    public boolean dependent(int lane, int other) {
        return dependent(kinds[lane], addresses[lane], kinds[other], addresses[other]);
    }

    /** True if an operation of {@code kind} may change memory. */
    public static boolean writes(int kind) {
        return kind == Pending.WRITE || kind == Pending.RMW;
    }

    /** True if exchanging two operations of different lanes may make a difference. */
    public static boolean dependent(int kind, long address, int otherKind, long otherAddress) {
        if (kind == Pending.RELAX || otherKind == Pending.RELAX) {
            return writes(kind) || writes(otherKind);
        }
        return address == otherAddress && (writes(kind) || writes(otherKind));
    }

    /**
     * True if {@code drain} is a drain and {@code lane}, doing {@code kind}, a load or wait of the same CPU. Their
     * order makes no difference, whatever the word: before the drain the load gets the store from the buffer.
     */
    boolean forwards(int drain, int lane, int kind) {
        return (kind == Pending.READ || kind == Pending.WAIT) && isDrain(drain) && lane == cpuOf(drain);
    }

    /** Short name of a lane: {@code c0}, {@code p0}, {@code d0.1}, {@code v0.1}. */
    public String name(int lane) {
        if (isStep(lane)) {
            return "c" + lane;
        }
        if (isPreempt(lane)) {
            return "p" + cpuOf(lane);
        }
        return (isDrain(lane) ? "d" : "v") + cpuOf(lane) + "." + entryOf(lane);
    }

    /** The lane called {@code name}, or -1. */
    public int byName(String name) {
        for (int lane = 0; lane < count; lane++) {
            if (name(lane).equals(name)) {
                return lane;
            }
        }
        return -1;
    }
}

package kemu.hw.race;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import kemu.hw.cache.Granule;
import kemu.hw.mem.PhysMem;
import kemu.hw.mem.Symbols;
import kemu.hw.order.Order;

/**
 * Finds data races: accesses of two CPUs to one word, one of them plain and one of them a store, that no order of the
 * Linux kernel memory model puts one after the other. Order comes from what is executed, not from what happened to be
 * first: release or store fence to acquire or load fence, atomics, full fences around stores and loads that overtake
 * each other, address dependencies, and control dependencies to plain stores. Accesses of one CPU are ordered by
 * program order whatever task made them.
 *
 * <p>Where the model is finer than clocks can tell (a store fence does not order loads before it) an order is assumed:
 * it may miss a race, not invent one.
 *
 * <p>Source: FastTrack (Flanagan, Freund), with full clocks since CPUs are few; tools/memory-model/linux-kernel.cat;
 * report in the form of kernel/kcsan/report.c.
 */
public final class RaceDetector {
    private static final int MAX_FOUND = 200;
    private static final String[] KINDS = {"write to", "write (marked) to", "read to", "read (marked) to"};

    private final Symbols symbols;
    private final int cpus;
    private final Clocks clocks;
    private final ShadowCells cells;
    private final Dependencies dependencies;
    private final UnseenStores unseen;
    private final Sites sites = new Sites();
    private final IntUnaryOperator pids;
    private final boolean stacks;
    private final boolean stops;
    private final boolean buffered;
    /** Naming an object reads memory as well. */
    private boolean reporting;

    private final List<DataRace> found = new ArrayList<>();
    private final Set<String> keys = new HashSet<>();

    /**
     * A detector for {@code cpus} CPUs over {@code memory}.
     *
     * @param pids pid of the task that a CPU runs, for reports
     * @param stacks keep where every access was made: an order of magnitude slower, for the report of a known race
     * @param stops throw at the first race; else collect them
     * @param buffered accesses go through store buffers, so a load may be older than the last store
     */
    public RaceDetector(
            PhysMem memory, int cpus, IntUnaryOperator pids, boolean stacks, boolean stops, boolean buffered) {
        this.pids = pids;
        this.symbols = memory.symbols();
        this.cpus = cpus;
        this.stacks = stacks;
        this.stops = stops;
        this.buffered = buffered;
        clocks = new Clocks(cpus);
        cells = new ShadowCells(cpus, (int) (memory.sizeBytes() >>> PhysMem.PAGE_SHIFT), stacks);
        dependencies = new Dependencies(cpus);
        unseen = new UnseenStores(cpus);
    }

    /** A new execution begins: everything before it, boot included, happened before everything in it. */
    public void begin() {
        if (!clocks.synchronise()) {
            clocks.restart();
            cells.clear();
        }
        dependencies.clear();
        unseen.clear();
        found.clear();
        keys.clear();
    }

    /** Races of this execution found so far, each pair of functions once. */
    public List<DataRace> found() {
        return List.copyOf(found);
    }

    // ---- accesses -------------------------------------------------------------------------------------------------

    /** A plain load by {@code cpu}. */
    public void plainRead(int cpu, long address, int width) {
        access(cpu, address, width, ShadowCells.PLAIN_READ);
    }

    /** A plain store. */
    public void plainWrite(int cpu, long address, int width) {
        access(cpu, address, width, ShadowCells.PLAIN_WRITE);
    }

    /**
     * A marked load of {@code order}, relaxed or acquire, that returned {@code value}, which was {@code old} if a later
     * store could be seen by then. Nobody knows which store an old value is from: it is taken for the one that orders
     * most.
     */
    public void read(int cpu, long address, int width, int order, long value, boolean old) {
        access(cpu, address, width, ShadowCells.MARKED_READ);
        int[] carried = cells.carried(address);
        int at = cells.seenAt(address, old);
        if (Order.kind(order) == Order.RELAXED) {
            clocks.join(clocks.loaded, cpu, carried, at);
            if (width == 8) {
                dependencies.loaded(cpu, value, carried, at);
            }
        } else {
            clocks.join(clocks.now, cpu, carried, at);
            clocks.acquire(cpu);
        }
        join(carried, cells.carriedAt(address) + cpus, clocks.fenced, cpu * cpus);
    }

    /**
     * The marked load just made was one of rcu_dereference. Where its value leads is not always an address near it (a
     * frame leads to its struct page), so everything plain after it is taken to depend on it.
     */
    public void dereferenced(int cpu, long address, boolean old) {
        clocks.join(clocks.followed, cpu, cells.carried(address), cells.seenAt(address, old));
    }

    /**
     * A marked store of {@code order}, relaxed or release, the {@code number}-th of the CPU's buffer if it has one.
     * Whoever sees it is ordered by it alone: it ends what an earlier release began, also one of the same CPU, as only
     * atomics continue that (rmw-sequence of linux-kernel.cat).
     */
    public void write(int cpu, long address, int width, int order, long number) {
        access(cpu, address, width, ShadowCells.MARKED_WRITE);
        int[] carried = cells.carried(address);
        int at = cells.carriedAt(address);
        clocks.join(clocks.outrun, cpu, carried, at);
        clocks.join(clocks.outrun, cpu, carried, at + cpus);
        boolean release = Order.kind(order) != Order.RELAXED;
        int[] from = release ? clocks.now : clocks.published;
        if (buffered) {
            unseen.add(cpu, address, width, number, from);
        } else {
            cells.publish(address, from, cpu * cpus);
        }
        if (release) {
            clocks.release(cpu);
        }
    }

    /**
     * Bytes {@code mask} of {@code granule}, stored by {@code cpu}, have left its buffer, the {@code number}-th store
     * of the CPU the last among them: others may read them now.
     */
    public void drained(int cpu, long granule, long mask, long number) {
        unseen.seen(cpu, granule, mask, number, cells);
    }

    /** An atomic of {@code order} that stored. */
    public void rmw(int cpu, long address, int width, int order) {
        access(cpu, address, width, ShadowCells.MARKED_WRITE);
        // Stores of this CPU to the word are seen before.
        unseen.seen(cpu, Granule.of(address), Granule.mask(address, width), Long.MAX_VALUE, cells);
        int kind = Order.kind(order);
        if (kind == Order.FULL) {
            clocks.fullFence(cpu);
        }
        int[] carried = cells.carried(address);
        int at = cells.carriedAt(address);
        clocks.join(clocks.outrun, cpu, carried, at);
        clocks.join(clocks.outrun, cpu, carried, at + cpus);
        boolean acquires = kind == Order.FULL || kind == Order.ACQUIRE;
        clocks.join(acquires ? clocks.now : clocks.loaded, cpu, carried, at);
        if (kind == Order.ACQUIRE) {
            clocks.acquire(cpu);
        }
        boolean releases = kind == Order.FULL || kind == Order.RELEASE;
        join(carried, at, releases ? clocks.now : clocks.published, cpu * cpus);
        cells.keep(address);
        if (kind == Order.FULL) {
            clocks.fullFence(cpu);
        } else if (releases) {
            clocks.release(cpu);
        }
    }

    /** A fence with the powers of {@code order}. */
    public void fence(int cpu, int order) {
        switch (Order.kind(order)) {
            case Order.FULL -> clocks.fullFence(cpu);
            case Order.ACQUIRE -> clocks.loadFence(cpu);
            case Order.RELEASE -> clocks.storeFence(cpu);
            default -> {}
        }
    }

    /** Plain stores to a whole frame. */
    public void frameWrite(int cpu, long frame) {
        if (othersSeen(cpu, frame)) {
            cells.times(frame);
        } else {
            frame(cpu, frame, ShadowCells.PLAIN_WRITE);
        }
        cells.wholeFrame(frame, cpu, clocks.now[cpu * cpus + cpu], stacks ? sites.here(pids.applyAsInt(cpu)) : 0);
    }

    /**
     * Marked loads of a whole frame: users may store to it meanwhile, and who copies it throws such a copy away, or
     * else says so ({@link #frameReplaced}).
     */
    public void frameRead(int cpu, long frame) {
        frame(cpu, frame, ShadowCells.MARKED_READ);
    }

    /** What was read of a frame is used in its place: whoever stored to it, or still does, must be ordered. */
    public void frameReplaced(int cpu, long frame) {
        frame(cpu, frame, ShadowCells.PLAIN_READ);
    }

    /** True if all that other CPUs did to the frame happened before now. */
    private boolean othersSeen(int cpu, long frame) {
        for (int other = 0; other < cpus; other++) {
            if (other != cpu && cells.latest(frame, other) > clocks.now[cpu * cpus + other]) {
                return false;
            }
        }
        return true;
    }

    private void frame(int cpu, long frame, int kind) {
        for (long at = frame; at < frame + PhysMem.PAGE_SIZE; at += 8) {
            access(cpu, at, 8, kind);
        }
    }

    // ---- judging --------------------------------------------------------------------------------------------------

    private void access(int cpu, long address, int width, int kind) {
        if (reporting) {
            return;
        }
        int[] times = cells.times(address);
        judge(cpu, address, width, kind, times);
        if (width == 4) {
            cells.splits(address);
        } else if (cells.isSplit(address)) {
            judge(cpu, address + 4, width, kind, times);
        }
    }

    private void judge(int cpu, long address, int width, int kind, int[] times) {
        int cell = cells.cell(address);
        int own = clocks.now[cpu * cpus + cpu];
        int mine = cell + cpu * ShadowCells.KINDS + kind;
        if (times[mine] != own) {
            for (int other = 0; other < cpus; other++) {
                int at = cell + other * ShadowCells.KINDS;
                if (latest(kind, times, at) > clocks.now[cpu * cpus + other] && other != cpu) {
                    compare(cpu, address, width, kind, other);
                }
            }
            times[mine] = own;
            cells.touched(address, cpu, own);
        }
        if (stacks) {
            cells.sites(address)[mine] = sites.here(pids.applyAsInt(cpu));
        }
    }

    /** When the CPU whose times are at {@code at} last made an access that conflicts with one of {@code kind}. */
    private static int latest(int kind, int[] times, int at) {
        int plainWrite = times[at + ShadowCells.PLAIN_WRITE];
        return switch (kind) {
            case ShadowCells.PLAIN_WRITE ->
                Math.max(
                        Math.max(plainWrite, times[at + ShadowCells.MARKED_WRITE]),
                        Math.max(times[at + ShadowCells.PLAIN_READ], times[at + ShadowCells.MARKED_READ]));
            case ShadowCells.MARKED_WRITE -> Math.max(plainWrite, times[at + ShadowCells.PLAIN_READ]);
            case ShadowCells.PLAIN_READ -> Math.max(plainWrite, times[at + ShadowCells.MARKED_WRITE]);
            default -> plainWrite;
        };
    }

    /** One of them plain and one of them a store. */
    private static boolean conflict(int kind, int otherKind) {
        return switch (kind) {
            case ShadowCells.PLAIN_WRITE -> true;
            case ShadowCells.MARKED_WRITE ->
                otherKind == ShadowCells.PLAIN_WRITE || otherKind == ShadowCells.PLAIN_READ;
            case ShadowCells.PLAIN_READ ->
                otherKind == ShadowCells.PLAIN_WRITE || otherKind == ShadowCells.MARKED_WRITE;
            default -> otherKind == ShadowCells.PLAIN_WRITE;
        };
    }

    private void compare(int cpu, long address, int width, int kind, int other) {
        int[] times = cells.times(address);
        int at = cells.cell(address) + other * ShadowCells.KINDS;
        for (int otherKind = 0; otherKind < ShadowCells.KINDS; otherKind++) {
            int time = times[at + otherKind];
            if (conflict(kind, otherKind)
                    && time > clocks.now[cpu * cpus + other]
                    && !depends(cpu, address, kind, other, time)) {
                report(cpu, address, width, kind, other, otherKind);
            }
        }
    }

    private boolean depends(int cpu, long address, int kind, int other, int time) {
        return kind == ShadowCells.PLAIN_WRITE && time <= clocks.loaded[cpu * cpus + other]
                || time <= clocks.followed[cpu * cpus + other]
                || dependencies.order(cpu, address, other, time);
    }

    private void join(int[] into, int at, int[] from, int fromAt) {
        for (int i = 0; i < cpus; i++) {
            into[at + i] = Math.max(into[at + i], from[fromAt + i]);
        }
    }

    private void report(int cpu, long address, int width, int kind, int other, int otherKind) {
        if (symbols.isRacy(address)) {
            return;
        }
        int now = sites.here(pids.applyAsInt(cpu));
        int then = stacks ? cells.sites(address)[cells.cell(address) + other * ShadowCells.KINDS + otherKind] : 0;
        String first = sites.function(then);
        String second = sites.function(now);
        reporting = true;
        String name = symbols.nameOf(address);
        reporting = false;
        String key = first + " / " + second + " / "
                + name.replaceFirst("0x[0-9a-f]+", "").replaceFirst("pfn:\\S+", "");
        if (found.size() >= MAX_FOUND || !keys.add(key)) {
            return;
        }
        DataRace race = new DataRace(
                "BUG: KCSAN: data-race in " + first + " / " + second + "\n\n"
                        + describe(otherKind, address, name, width, other, sites.pid(then), sites.stack(then)) + "\n"
                        + describe(kind, address, name, width, cpu, pids.applyAsInt(cpu), sites.stack(now)),
                key,
                address);
        found.add(race);
        if (stops) {
            throw race;
        }
    }

    private static String describe(int kind, long address, String name, int width, int cpu, int pid, String stack) {
        return KINDS[kind] + " 0x" + Long.toHexString(address) + " (" + name + ") of " + width + " bytes by "
                + (pid < 0 ? "a task" : "task " + pid) + " on cpu " + cpu + ":\n" + stack;
    }
}

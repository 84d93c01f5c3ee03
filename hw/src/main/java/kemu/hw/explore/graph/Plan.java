package kemu.hw.explore.graph;

import java.util.Arrays;
import kemu.hw.cache.CpuBuffers;
import kemu.hw.cpu.EmuCpu;
import kemu.hw.cpu.Pending;
import kemu.hw.explore.Lanes;
import kemu.hw.machine.EmuMachine;

/**
 * Leads a machine along the beginning of an execution that a graph says: each moment as soon as the constraints allow
 * it, stores before steps.
 */
final class Plan {
    /** Result of {@link #next}: the beginning is over. */
    static final int OVER = -1;
    /** Result of {@link #next}: the machine cannot do what the graph says. */
    static final int LOST = -2;

    private static final int NONE = Graph.NONE;

    private final EmuMachine machine;
    private final Constraints constraints = new Constraints();
    private final EventTape[] tapes;
    private Graph graph;
    private int[] degree = new int[0];
    private boolean[] done = new boolean[0];
    private int[] free = new int[0];
    private int frees;
    /** Stores that may drain now. */
    private int[] stores = new int[0];

    private int storeCount;
    /** Per CPU, the event whose turn has come, or NONE. */
    private final int[] turns;

    private int left;
    private String why;
    /** Per store and CPU, the changes that the CPU had been told of before the store. */
    private long[] arrivals = new long[0];

    Plan(EmuMachine machine, EventTape[] tapes) {
        this.machine = machine;
        this.tapes = tapes;
        turns = new int[tapes.length];
    }

    /** Plans the way to {@code of}; false if there is none. */
    boolean begin(Graph of) {
        graph = of;
        if (!constraints.fill(of)) {
            return false;
        }
        int nodes = constraints.nodes;
        if (degree.length < nodes) {
            degree = new int[2 * nodes];
            done = new boolean[2 * nodes];
            free = new int[2 * nodes];
            stores = new int[2 * nodes];
            arrivals = new long[2 * nodes * tapes.length];
        }
        System.arraycopy(constraints.degree, 0, degree, 0, nodes);
        int end = 0;
        for (int node = 0; node < nodes; node++) {
            if (degree[node] == 0) {
                free[end++] = node;
            }
        }
        for (int at = 0; at < end; at++) {
            for (int e = constraints.out[free[at]]; e != NONE; e = constraints.nextOut[e]) {
                if (--degree[constraints.to[e]] == 0) {
                    free[end++] = constraints.to[e];
                }
            }
        }
        if (end < nodes) {
            return false;
        }
        System.arraycopy(constraints.degree, 0, degree, 0, nodes);
        Arrays.fill(done, 0, nodes, false);
        Arrays.fill(turns, NONE);
        frees = 0;
        storeCount = 0;
        left = nodes;
        for (int node = 0; node < nodes; node++) {
            if (degree[node] == 0) {
                free[frees++] = node;
            }
        }
        release();
        return true;
    }

    /** Takes what nobody has to do, and sorts the rest. */
    private void release() {
        while (frees > 0) {
            int node = free[--frees];
            int id = node >> 1;
            Ev event = graph.events[id];
            if ((node & 1) == 1 && event.kind() == Ev.STORE && !event.own()) {
                stores[storeCount++] = id;
            } else if ((node & 1) == 0 && event.leader() == event.at()) {
                turns[event.cpu()] = id;
            } else {
                complete(node);
            }
        }
    }

    private void complete(int node) {
        if (done[node]) {
            return;
        }
        done[node] = true;
        left--;
        for (int e = constraints.out[node]; e != NONE; e = constraints.nextOut[e]) {
            if (--degree[constraints.to[e]] == 0) {
                free[frees++] = constraints.to[e];
            }
        }
    }

    /** The lane to take next, or {@link #OVER}, or {@link #LOST}. */
    int next(Lanes lanes) {
        while (left > 0) {
            if (storeCount > 0) {
                int id = takeOldest();
                if (done[2 * id + 1]) {
                    continue;
                }
                if (tapes[graph.events[id].cpu()].size() <= graph.events[id].at()) {
                    stores[storeCount++] = id;
                    return advance(graph.events[id].cpu(), lanes);
                }
                return drain(id, lanes);
            }
            int id = NONE;
            for (int cpu = 0; cpu < turns.length; cpu++) {
                boolean better = turns[cpu] != NONE && (id == NONE || turns[cpu] < id);
                id = better ? turns[cpu] : id;
            }
            if (id == NONE) {
                return lost("no turn has come");
            }
            Ev event = graph.events[id];
            if (tapes[event.cpu()].size() > event.at()) {
                take(id);
                continue;
            }
            return turn(id, event, lanes);
        }
        return OVER;
    }

    /** Takes the oldest store that may drain: the fewer wait before one, the more of them have a lane. */
    private int takeOldest() {
        int oldest = 0;
        for (int i = 1; i < storeCount; i++) {
            oldest = stores[i] < stores[oldest] ? i : oldest;
        }
        int id = stores[oldest];
        stores[oldest] = stores[--storeCount];
        return id;
    }

    private int lost(String where) {
        why = where;
        return LOST;
    }

    /** Where the machine did not follow. */
    String why() {
        return why;
    }

    private void take(int id) {
        turns[graph.events[id].cpu()] = NONE;
        complete(2 * id);
        release();
    }

    private int turn(int id, Ev event, Lanes lanes) {
        int cpu = event.cpu();
        EmuCpu machineCpu = machine.cpu(cpu);
        if (machineCpu.pending().drains()) {
            return advance(cpu, lanes);
        }
        int stale = machineCpu.pending().stale();
        if (stale >= 0 && event.kind() == Ev.LOAD && machineCpu.path().buffers().arrival(stale) <= newest(id, cpu)) {
            return lanes.deliver(cpu, 0);
        }
        if ((lanes.enabled() & 1L << cpu) == 0) {
            return lost(event + " is not possible");
        }
        if (machineCpu.pending().kind() == Pending.RMW) {
            note(graph.id(cpu, event.at() + 1));
        }
        if (machineCpu.pending().kind() == Pending.WRITE && event.own()) {
            note(id);
        }
        // Taken once it is on the tape: a step before it may be of what no other CPU uses, and is no event.
        return cpu;
    }

    /** Number of the last change of memory that load {@code id} sees. */
    private long newest(int id, int cpu) {
        int after = graph.after(graph.from[id], graph.word[id]);
        boolean past = after != NONE && done[constraints.moment(after)];
        return past ? arrivals[after * tapes.length + cpu] : Long.MAX_VALUE;
    }

    private void note(int store) {
        for (int cpu = 0; store != NONE && cpu < tapes.length; cpu++) {
            arrivals[store * tapes.length + cpu] =
                    machine.cpu(cpu).path().buffers().arrivals();
        }
    }

    private int drain(int id, Lanes lanes) {
        Ev event = graph.events[id];
        CpuBuffers buffers = machine.cpu(event.cpu()).path().buffers();
        long number = tapes[event.cpu()].number(event.at());
        int possible = Math.min(buffers.drainable(), lanes.drains());
        for (int k = 0; k < possible; k++) {
            if (buffers.drainNumber(k) == number) {
                return drain(id, event.cpu(), k, lanes);
            }
        }
        return lost(event + " cannot drain, of " + buffers.drainable());
    }

    private int drain(int id, int cpu, int k, Lanes lanes) {
        note(id);
        complete(2 * id + 1);
        release();
        return lanes.drain(cpu, k);
    }

    /** Lets a CPU go on that stands before its event since its buffer is full. */
    private int advance(int cpu, Lanes lanes) {
        EmuCpu machineCpu = machine.cpu(cpu);
        if (!machineCpu.pending().drains()) {
            return (lanes.enabled() & 1L << cpu) == 0 ? lost("a full buffer") : cpu;
        }
        long number = machineCpu.path().buffers().drainNumber(0);
        for (int at = 0; at < Math.min(graph.count[cpu], tapes[cpu].size()); at++) {
            int id = graph.ids[cpu][at];
            if (graph.events[id].kind() == Ev.STORE && tapes[cpu].number(at) == number) {
                return degree[2 * id + 1] == 0 && !done[2 * id + 1]
                        ? drain(id, cpu, 0, lanes)
                        : lost(graph.events[id] + " drains too early");
            }
        }
        return lanes.drain(cpu, 0);
    }
}

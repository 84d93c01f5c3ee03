package kemu.hw.explore.graph;

import java.util.Arrays;
import kemu.hw.order.Order;

/**
 * What must come before what in every execution of a graph: the memory model {@code weak} as axioms. Each event has a
 * moment at which its CPU comes to it ({@link #turn}) and, if it is a buffered store or a load that may be old, a
 * moment in memory ({@link #moment}): of a store after its turn, of a load not after it. The graph has an execution if
 * these constraints have no cycle.
 */
final class Constraints {
    private static final int NONE = Graph.NONE;
    /** Edges that any execution has, whoever reads from whom. */
    static final int PROGRAM = 0;
    /** Edges that follow from who reads from whom, and from the order of stores. */
    static final int CHOSEN = 1;

    private Graph graph;
    int nodes;
    /** Edges as lists: forwards and backwards. */
    private int edges;

    int[] out = new int[0];
    int[] in = new int[0];
    int[] nextOut = new int[1024];
    int[] nextIn = new int[1024];
    int[] from = new int[1024];
    int[] to = new int[1024];
    byte[] why = new byte[1024];
    int[] degree = new int[0];
    private boolean possible;

    private int[] since = new int[64];
    private int sinceCount;
    private int[] lastStore = new int[0];
    private int[] lastLoad = new int[0];
    /** Per store, its place in the order of its word, and of its second one. */
    private int[] rank = new int[0];

    private int[] otherRank = new int[0];

    /** Fills in the constraints of {@code of}; false if they cannot be met whatever the order. */
    boolean fill(Graph of) {
        graph = of;
        nodes = 2 * of.size;
        edges = 0;
        possible = true;
        if (out.length < nodes) {
            out = new int[2 * nodes];
            in = new int[2 * nodes];
            degree = new int[2 * nodes];
            rank = new int[nodes];
            otherRank = new int[nodes];
        }
        Arrays.fill(out, 0, nodes, NONE);
        Arrays.fill(in, 0, nodes, NONE);
        Arrays.fill(degree, 0, nodes, 0);
        if (lastStore.length < of.first.length) {
            lastStore = new int[of.first.length];
            lastLoad = new int[of.first.length];
        }
        for (int word = 0; word < of.first.length; word++) {
            int at = 0;
            int before = NONE;
            for (int id = of.first[word]; id != NONE; id = of.next(id, word)) {
                (of.word[id] == word ? rank : otherRank)[id] = at++;
                if (before != NONE) {
                    edge(moment(before), moment(id), CHOSEN);
                }
                before = id;
            }
        }
        for (int cpu = 0; cpu < of.ids.length; cpu++) {
            fill(cpu);
        }
        return possible;
    }

    /** The moment at which the CPU comes to event {@code id}, or NONE if that is before all steps. */
    int turn(int id) {
        Ev event = graph.events[id];
        return event.leader() < 0 ? NONE : 2 * graph.ids[event.cpu()][event.leader()];
    }

    /** The moment of event {@code id} in memory. */
    int moment(int id) {
        Ev event = graph.events[id];
        boolean apart = !event.own() && (event.kind() == Ev.LOAD || event.kind() == Ev.STORE);
        return apart || event.kind() == Ev.FENCE ? 2 * id + 1 : turn(id);
    }

    private void edge(int early, int late, int reason) {
        if (early == NONE || late == NONE || early == late) {
            return;
        }
        if (edges == from.length) {
            from = Arrays.copyOf(from, 2 * edges);
            to = Arrays.copyOf(to, 2 * edges);
            nextOut = Arrays.copyOf(nextOut, 2 * edges);
            nextIn = Arrays.copyOf(nextIn, 2 * edges);
            why = Arrays.copyOf(why, 2 * edges);
        }
        from[edges] = early;
        to[edges] = late;
        why[edges] = (byte) reason;
        nextOut[edges] = out[early];
        out[early] = edges;
        nextIn[edges] = in[late];
        in[late] = edges;
        degree[late]++;
        edges++;
    }

    private int turnBefore;
    /** Stores before the last fence of stores come before this. */
    private int stored;

    /** Loads come after this. */
    private int loaded;

    private int release;
    /** Stores come after this release. */
    private int guard;

    private void fill(int cpu) {
        Arrays.fill(lastStore, 0, graph.first.length, NONE);
        Arrays.fill(lastLoad, 0, graph.first.length, NONE);
        turnBefore = NONE;
        stored = NONE;
        loaded = NONE;
        release = NONE;
        guard = NONE;
        sinceCount = 0;
        for (int at = 0; at < graph.count[cpu]; at++) {
            int id = graph.ids[cpu][at];
            int turn = turn(id);
            if (graph.events[id].leader() == at) {
                edge(turnBefore, turn, PROGRAM);
                turnBefore = turn;
            }
            switch (graph.events[id].kind()) {
                case Ev.LOAD -> load(id, turn);
                case Ev.STORE -> store(id, turn);
                case Ev.ATOMIC -> atomic(id, turn);
                case Ev.PART -> part(id);
                case Ev.AWAIT -> await(id, turn);
                default -> fence(id, turn);
            }
        }
    }

    private boolean overlaps(int id, int other) {
        return other != NONE && (graph.events[id].bits() & graph.events[other].bits()) != 0;
    }

    private int rank(int store, int word) {
        return (graph.word[store] == word ? rank : otherRank)[store];
    }

    /** Orders a load, at {@code moment} in memory, with stores; the load is not older than its CPU's own stores. */
    private void reads(int id, int moment) {
        int store = graph.from[id];
        int word = graph.word[id];
        int own = lastStore[word];
        if (overlaps(id, own) && own != store && (store == NONE || rank(store, word) < rank(own, word))) {
            possible = false;
        }
        if (store != NONE && graph.events[store].cpu() != graph.events[id].cpu()) {
            edge(moment(store), moment, CHOSEN);
        }
        int after = graph.after(store, word);
        boolean part = after != NONE && graph.events[id].kind() == Ev.ATOMIC && moment(after) == moment;
        after = part ? graph.next(after, word) : after;
        if (after != NONE) {
            // A load of a whole granule is never old in one half only.
            boolean torn = graph.events[id].width() > graph.events[after].width();
            edge(torn ? turn(id) : moment, moment(after), CHOSEN);
        }
    }

    private void load(int id, int turn) {
        Ev event = graph.events[id];
        int moment = moment(id);
        int word = graph.word[id];
        if (moment != turn) {
            edge(moment, turn, PROGRAM);
            edge(loaded, moment, PROGRAM);
            int source = graph.id(event.cpu(), event.source());
            edge(source == NONE ? NONE : turn(source), moment, PROGRAM);
            if (overlaps(id, lastLoad[word])) {
                edge(moment(lastLoad[word]), moment, PROGRAM);
            }
        }
        reads(id, moment);
        lastLoad[word] = id;
        if (event.order() != Order.RELAXED) {
            acquired(turn);
        }
    }

    private void acquired(int turn) {
        loaded = turn;
        guard = release;
    }

    private void store(int id, int turn) {
        Ev event = graph.events[id];
        int moment = moment(id);
        int word = graph.word[id];
        if (moment != turn) {
            edge(turn, moment, PROGRAM);
            edge(stored, moment, PROGRAM);
            edge(guard, moment, PROGRAM);
            followsOwn(id, moment, word);
            followsOwn(id, moment, graph.other[id]);
            if (event.order() != Order.RELAXED) {
                drained(moment);
                sinceCount = 0;
                release = moment;
            }
            note(moment);
        }
        lastStore[word] = id;
        if (graph.other[id] != NONE) {
            lastStore[graph.other[id]] = id;
        }
    }

    private void followsOwn(int id, int moment, int word) {
        if (word != NONE && overlaps(id, lastStore[word])) {
            edge(moment(lastStore[word]), moment, PROGRAM);
        }
    }

    private void note(int moment) {
        if (sinceCount == since.length) {
            since = Arrays.copyOf(since, 2 * sinceCount);
        }
        since[sinceCount++] = moment;
    }

    /** All stores of the CPU are in memory before {@code node}. */
    private void drained(int node) {
        for (int i = 0; i < sinceCount; i++) {
            edge(since[i], node, PROGRAM);
        }
    }

    private void atomic(int id, int turn) {
        Ev event = graph.events[id];
        int word = graph.word[id];
        if (event.order() == Order.FULL || event.order() == Order.RELEASE) {
            drained(turn);
            sinceCount = 0;
        } else {
            edge(stored, turn, PROGRAM);
            edge(guard, turn, PROGRAM);
            if (overlaps(id, lastStore[word])) {
                edge(moment(lastStore[word]), turn, PROGRAM);
            }
        }
        reads(id, turn);
        lastLoad[word] = id;
        int next = graph.id(event.cpu(), event.at() + 1);
        boolean stores = next != NONE && graph.events[next].kind() == Ev.PART;
        if (stores && (event.order() == Order.FULL || event.order() == Order.ACQUIRE)) {
            acquired(turn);
        }
    }

    private void part(int id) {
        possible &= graph.previous(id, graph.word[id]) == graph.from[graph.loadOf(id)];
        lastStore[graph.word[id]] = id;
    }

    private void await(int id, int turn) {
        reads(id, turn);
        lastLoad[graph.word[id]] = id;
        if (graph.events[id].order() != Order.RELAXED) {
            acquired(turn);
        }
    }

    private void fence(int id, int turn) {
        switch (graph.events[id].order()) {
            case Order.FULL -> {
                drained(turn);
                sinceCount = 0;
                loaded = turn;
            }
            case Order.ACQUIRE -> loaded = turn;
            case Order.RELEASE -> {
                int moment = moment(id);
                edge(stored, moment, PROGRAM);
                edge(guard, moment, PROGRAM);
                drained(moment);
                sinceCount = 0;
                note(moment);
                stored = moment;
            }
            default -> {}
        }
    }
}

package kemu.hw.explore.graph;

import java.util.Arrays;
import java.util.Deque;

/**
 * The choices that an execution leaves open: for each event that it has added, the other stores that a load might read
 * from, the other places of a store in the order of its word, and the loads added before that might read from it.
 *
 * <p>Source: Kokologiannakis, Marmanis, Gladstein, Vafeiadis, "Truly stateless, optimal dynamic partial order
 * reduction", POPL 2022, algorithm TruSt. A load is revisited only if all that goes away with it was added as it is by
 * default (a load reads the last store, a store is the last of its word): so each graph is come to in one way.
 */
final class Branches {
    private static final int NONE = Graph.NONE;
    /** Places in the order of a second word where there is none. */
    private static final int[] NO_OTHER = {NONE};

    private final Constraints constraints;
    private final Deque<Choice> open;
    private final int cpus;
    private Graph graph;
    private String why;
    private int chunk;
    /** Per node, the nodes before it; and before it but for what was chosen for it. */
    private long[] before = new long[0];

    private long[] base = new long[0];
    private int[] degree = new int[0];
    private int[] queue = new int[0];
    /** Per event and CPU, how many events of the CPU come before it by program order and reads, itself included. */
    private int[] seen = new int[0];

    /** Per store, the first load that reads from it, in the order of addition. */
    private int[] reader = new int[0];

    Branches(Constraints constraints, Deque<Choice> open, int cpus) {
        this.constraints = constraints;
        this.open = open;
        this.cpus = cpus;
    }

    /**
     * Adds what {@code of}, the graph of a whole execution, leaves open; memory is as in the beginning.
     *
     * @param happened its events in the order in which they happened
     * @return false if no execution can have this graph, or it does not say enough
     */
    boolean add(Graph of, int[] happened) {
        graph = of;
        if (!constraints.fill(of) || !sort()) {
            why = "an execution has a graph that none can have";
            return false;
        }
        look(happened);
        for (int id = of.fresh; id < of.size; id++) {
            Ev event = of.events[id];
            if (event.reads()) {
                if (isHalved(id, event)) {
                    why = "a load of a whole word may see its CPU's own store in one half only: " + event;
                    return false;
                }
                loadsFrom(id, event);
            }
            if (event.kind() == Ev.STORE) {
                places(id);
            }
            if (event.writes()) {
                int store = event.kind() == Ev.PART ? of.from[of.loadOf(id)] : NONE;
                revisits(id, store, Arrays.copyOfRange(seen, id * cpus, (id + 1) * cpus));
            }
        }
        return true;
    }

    /** Why it could not say what is open. */
    String why() {
        return why;
    }

    /** The wait {@code waiting} has not ended; stores that are no longer the last might have ended it. */
    void waits(Ev waiting) {
        int word = graph.words.of(waiting);
        for (int store = graph.last(word); store != NONE; ) {
            store = graph.previous(store, word);
            if (waiting.fits(graph.value(store, waiting))) {
                open.push(Choice.end(graph, waiting, store));
            }
        }
    }

    /** Sorts the moments and collects what comes before each; false if that is a circle. */
    private boolean sort() {
        int nodes = constraints.nodes;
        chunk = (nodes + 63) / 64;
        if (before.length < nodes * chunk) {
            before = new long[2 * nodes * chunk];
            base = new long[2 * nodes * chunk];
        }
        if (queue.length < nodes) {
            queue = new int[2 * nodes];
            degree = new int[2 * nodes];
        }
        Arrays.fill(before, 0, nodes * chunk, 0);
        Arrays.fill(base, 0, nodes * chunk, 0);
        System.arraycopy(constraints.degree, 0, degree, 0, nodes);
        int end = 0;
        for (int node = 0; node < nodes; node++) {
            if (degree[node] == 0) {
                queue[end++] = node;
            }
        }
        for (int at = 0; at < end; at++) {
            int node = queue[at];
            for (int e = constraints.in[node]; e != NONE; e = constraints.nextIn[e]) {
                join(before, node, constraints.from[e]);
                if (constraints.why[e] == Constraints.PROGRAM) {
                    join(base, node, constraints.from[e]);
                }
            }
            for (int e = constraints.out[node]; e != NONE; e = constraints.nextOut[e]) {
                if (--degree[constraints.to[e]] == 0) {
                    queue[end++] = constraints.to[e];
                }
            }
        }
        return end == nodes;
    }

    private void join(long[] set, int node, int early) {
        int into = node * chunk;
        int out = early * chunk;
        for (int i = 0; i < chunk; i++) {
            set[into + i] |= before[out + i];
        }
        set[into + (early >> 6)] |= 1L << early;
    }

    /** True if moment {@code early} comes before {@code node} whatever is chosen for the event of {@code node}. */
    private boolean must(int early, int node) {
        return node == NONE || (base[node * chunk + (early >> 6)] & 1L << early) != 0;
    }

    private void look(int[] happened) {
        if (seen.length < graph.size * cpus) {
            seen = new int[2 * graph.size * cpus];
            reader = new int[2 * graph.size];
        }
        Arrays.fill(reader, 0, graph.size, Integer.MAX_VALUE);
        for (int i = 0; i < graph.size; i++) {
            int id = happened[i];
            Ev event = graph.events[id];
            int base0 = id * cpus;
            Arrays.fill(seen, base0, base0 + cpus, 0);
            saw(id, graph.id(event.cpu(), event.at() - 1));
            if (event.reads()) {
                saw(id, graph.from[id]);
                if (graph.from[id] != NONE) {
                    reader[graph.from[id]] = Math.min(reader[graph.from[id]], id);
                }
            }
            seen[base0 + event.cpu()] = event.at() + 1;
        }
    }

    private void saw(int id, int early) {
        for (int cpu = 0; early != NONE && cpu < cpus; cpu++) {
            seen[id * cpus + cpu] = Math.max(seen[id * cpus + cpu], seen[early * cpus + cpu]);
        }
    }

    /** The store after {@code store} in the order of {@code word}, among those added before {@code id}. */
    private int afterThen(int store, int word, int id) {
        int after = graph.after(store, word);
        while (after != NONE && after >= id) {
            after = graph.next(after, word);
        }
        return after;
    }

    private int beforeThen(int store, int word, int id) {
        int previous = graph.previous(store, word);
        while (previous != NONE && previous >= id) {
            previous = graph.previous(previous, word);
        }
        return previous;
    }

    /** True if the CPU may see its own store in one half of what it loads, and another one's in the other half. */
    private boolean isHalved(int id, Ev event) {
        if (event.width() < Long.BYTES || !graph.words.isOne(event)) {
            return false;
        }
        int word = graph.word[id];
        for (int store = graph.first[word]; store != NONE; store = graph.next(store, word)) {
            Ev write = graph.events[store];
            if (write.cpu() == event.cpu() && write.at() < event.at() && write.width() < event.width()) {
                return true;
            }
        }
        return false;
    }

    private void loadsFrom(int id, Ev event) {
        int moment = constraints.moment(id);
        int word = graph.word[id];
        for (int store = graph.from[id]; ; ) {
            if (store == NONE || isOwn(store, event)) {
                return;
            }
            store = beforeThen(store, word, id);
            int after = afterThen(store, word, id);
            if (after == NONE || constraints.moment(after) == NONE || must(constraints.moment(after), moment)) {
                return;
            }
            long value = graph.value(store, event);
            if (event.kind() == Ev.AWAIT && !event.fits(value)) {
                continue;
            }
            boolean stores = event.kind() == Ev.ATOMIC && event.stores(value);
            if (stores && isPartAfter(after, store)) {
                // Two atomics cannot both be next to one store: but the other may come after this one.
                revisits(id, store, seenBy(event, store));
            } else {
                open.push(Choice.read(graph, id, store));
            }
        }
    }

    /** True if {@code store} is one of the CPU of {@code event}, to what that accesses. */
    private boolean isOwn(int store, Ev event) {
        Ev write = graph.events[store];
        return write.cpu() == event.cpu() && (write.bits() & event.bits()) != 0;
    }

    private boolean isPartAfter(int after, int store) {
        return graph.events[after].kind() == Ev.PART && graph.from[graph.loadOf(after)] == store;
    }

    private int[] seenBy(Ev event, int store) {
        int[] all = new int[cpus];
        int early = graph.id(event.cpu(), event.at() - 1);
        for (int cpu = 0; cpu < cpus; cpu++) {
            all[cpu] = Math.max(
                    early == NONE ? 0 : seen[early * cpus + cpu], store == NONE ? 0 : seen[store * cpus + cpu]);
        }
        all[event.cpu()] = event.at() + 1;
        return all;
    }

    /** The other places of store {@code id}; of two words, every pair of places but the one that it has. */
    private void places(int id) {
        int[] places = placesIn(graph.word[id], id);
        int[] others = graph.other[id] == NONE ? NO_OTHER : placesIn(graph.other[id], id);
        for (int i = 0; i < places.length; i++) {
            for (int j = 0; j < others.length; j++) {
                if (i + j > 0) {
                    open.push(Choice.place(graph, id, places[i], others[j]));
                }
            }
        }
    }

    /** The stores after which {@code id} may come in the order of {@code word}, first of all the one it comes after. */
    private int[] placesIn(int word, int id) {
        int moment = constraints.moment(id);
        int after = beforeThen(id, word, id);
        int[] places = {after};
        while (after != NONE
                && !isOwn(after, graph.events[id])
                && constraints.moment(after) != NONE
                && !must(constraints.moment(after), moment)) {
            int store = beforeThen(after, word, id);
            if (!isPartAfter(after, store)) {
                places = Arrays.copyOf(places, places.length + 1);
                places[places.length - 1] = store;
            }
            after = store;
        }
        return places;
    }

    /** Loads that were added before store {@code id}, or before the atomic {@code id} that reads {@code store}. */
    private void revisits(int id, int store, int[] known) {
        Ev event = graph.events[id];
        boolean atomic = event.kind() != Ev.STORE;
        for (int load = 0; load < id; load++) {
            Ev old = graph.events[load];
            boolean concerned = old.reads()
                    && graph.isAbout(id, graph.word[load])
                    && old.cpu() != event.cpu()
                    && known[old.cpu()] <= old.at();
            if (concerned && allByDefault(load, id, known)) {
                if (atomic) {
                    open.push(Choice.revisit(graph, id, load, store, NONE, known));
                } else {
                    placesOf(id, load, known);
                }
            }
        }
    }

    private void placesOf(int id, int load, int[] known) {
        int[] places = keptPlaces(graph.word[id], id, load, known);
        int[] others = graph.other[id] == NONE ? NO_OTHER : keptPlaces(graph.other[id], id, load, known);
        for (int place : places) {
            for (int other : others) {
                open.push(Choice.revisit(graph, id, load, place, other, known));
            }
        }
    }

    /** The stores after which {@code id} may come in the order of {@code word}, of those that are kept. */
    private int[] keptPlaces(int word, int id, int load, int[] known) {
        int[] places = {};
        int store = graph.last(word);
        while (true) {
            boolean kept = store == NONE || store < id && (store <= load || isSeen(store, known));
            if (kept) {
                places = Arrays.copyOf(places, places.length + 1);
                places[places.length - 1] = store;
            }
            if (store == NONE || kept && isOwn(store, graph.events[id])) {
                return places;
            }
            store = graph.previous(store, word);
        }
    }

    private boolean isSeen(int id, int[] known) {
        return known[graph.events[id].cpu()] > graph.events[id].at();
    }

    /** True if {@code load}, and all that goes away if it is revisited by {@code id}, is as added by default. */
    private boolean allByDefault(int load, int id, int[] known) {
        for (int event = load; event < id; event++) {
            if ((event == load || !isSeen(event, known)) && !byDefault(event, id, known)) {
                return false;
            }
        }
        return true;
    }

    private boolean byDefault(int event, int id, int[] known) {
        Ev what = graph.events[event];
        if (what.kind() == Ev.FENCE) {
            return true;
        }
        if (what.writes() && reader[event] < event) {
            return false;
        }
        int store = what.reads() ? graph.from[event] : event;
        if (store != NONE && store > event && !isSeen(store, known)) {
            return false;
        }
        return isLastThen(store, graph.word[event], event, id, known)
                && (graph.other[event] == NONE || isLastThen(store, graph.other[event], event, id, known));
    }

    /** True if nothing came after {@code store} in the order of {@code word} when {@code event} was added. */
    private boolean isLastThen(int store, int word, int event, int id, int[] known) {
        for (int after = graph.after(store, word); after != NONE; after = graph.next(after, word)) {
            if (after < id && after != event && (after < event || isSeen(after, known))) {
                return false;
            }
        }
        return true;
    }
}

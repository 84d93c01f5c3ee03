package kemu.hw.explore.graph;

import java.util.Arrays;

/** Makes the graph of a {@link Choice}: what is kept of its parent, and what is changed. */
final class Beginning {
    private static final int NONE = Graph.NONE;

    private final WordNumbers words;
    private final int cpus;
    private int[] map = new int[0];

    Beginning(WordNumbers words, int cpus) {
        this.words = words;
        this.cpus = cpus;
    }

    /** The graph, or null if no execution has it. Memory is as in the beginning. */
    Graph of(Choice choice) {
        Graph graph = of(choice, true);
        int load = choice.revisited();
        if (graph == null || load == NONE) {
            return graph;
        }
        Ev event = choice.parent().events[load];
        boolean ends = event.kind() != Ev.AWAIT || event.fits(graph.value(graph.from[map[load]], event));
        // A wait goes on until what is last in memory ends it, or something before.
        return ends ? graph : isLast(choice) ? of(choice, false) : null;
    }

    private Graph of(Choice choice, boolean goesOn) {
        Graph parent = choice.parent();
        Graph graph = new Graph(words, cpus, choice.event() + 2);
        if (!keep(choice, parent, graph, goesOn)) {
            return null;
        }
        order(parent, graph);
        int store = add(choice, parent, graph);
        if (choice.revisited() != NONE && goesOn) {
            revisit(map[choice.revisited()], store, graph);
        }
        return graph;
    }

    private boolean isLast(Choice choice) {
        Graph parent = choice.parent();
        int word = parent.word[choice.revisited()];
        int placed = word == parent.word[choice.event()] ? choice.placed() : choice.other();
        for (int id = parent.after(placed, word); id != NONE; id = parent.next(id, word)) {
            if (id < choice.event() && kept(choice, id, parent.events[id])) {
                return false;
            }
        }
        return true;
    }

    private static boolean kept(Choice choice, int id, Ev event) {
        int[] seen = choice.seen();
        return seen == null || id <= choice.revisited() || seen[event.cpu()] > event.at();
    }

    private boolean keep(Choice choice, Graph parent, Graph graph, boolean goesOn) {
        if (map.length < parent.size) {
            map = new int[2 * parent.size];
        }
        Arrays.fill(map, 0, parent.size, NONE);
        for (int id = 0; id < choice.event(); id++) {
            Ev event = parent.events[id];
            if (kept(choice, id, event) && (goesOn || id != choice.revisited())) {
                map[id] = graph.add(event);
            }
        }
        for (int id = 0; id < choice.event(); id++) {
            if (map[id] != NONE && parent.from[id] != NONE) {
                graph.from[map[id]] = map[parent.from[id]];
                boolean lost = map[parent.from[id]] == NONE && id != choice.revisited();
                if (lost) {
                    return false;
                }
            }
        }
        return true;
    }

    private void order(Graph parent, Graph graph) {
        for (int word = 0; word < parent.first.length; word++) {
            int before = NONE;
            for (int id = parent.first[word]; id != NONE; id = parent.next(id, word)) {
                if (map[id] != NONE) {
                    graph.place(map[id], before, word);
                    before = map[id];
                }
            }
        }
    }

    private int mapped(int store) {
        return store == NONE ? NONE : map[store];
    }

    /** Adds the event that the choice is about; the store that is new, or NONE. */
    private int add(Choice choice, Graph parent, Graph graph) {
        Ev event = choice.waiting() == null ? parent.events[choice.event()] : choice.waiting();
        int id = graph.add(event);
        graph.fresh = graph.size;
        if (event.kind() == Ev.STORE || event.kind() == Ev.PART) {
            graph.place(id, mapped(choice.placed()), graph.word[id]);
            if (graph.other[id] != NONE) {
                graph.place(id, mapped(choice.other()), graph.other[id]);
            }
            return id;
        }
        graph.from[id] = mapped(choice.store());
        long value = graph.value(graph.from[id], event);
        if (event.kind() != Ev.ATOMIC || !event.stores(value)) {
            return NONE;
        }
        int part = graph.add(event.part(value));
        graph.place(part, graph.from[id], graph.word[id]);
        graph.fresh = part;
        return part;
    }

    /** Lets {@code load} read from {@code store}. */
    private static void revisit(int load, int store, Graph graph) {
        Ev event = graph.events[load];
        graph.from[load] = store;
        graph.fresh = graph.size;
        if (event.kind() == Ev.ATOMIC && event.stores(graph.value(store, event))) {
            int part = graph.add(event.part(graph.value(store, event)));
            graph.place(part, store, graph.word[part]);
            graph.fresh = part;
        }
    }
}

package kemu.hw.explore.graph;

/**
 * A beginning of executions that is still to be tried: {@code parent} as it was when {@code event} was added, changed.
 *
 * @param parent the graph of a whole execution
 * @param event the event that does another thing than in the parent; of a wait that did not end, how many there were
 * @param store what {@code event} reads from, if it is a load
 * @param revisited a load that now reads from {@code event}, or NONE
 * @param placed the store before {@code event} in its word, if it is a store
 * @param other the same of its second word, if it has one
 * @param seen per CPU, how many of its events come before {@code event} by program order and reads; null unless a load
 *     is revisited
 * @param waiting the wait that did not end, or null
 */
record Choice(Graph parent, int event, int store, int revisited, int placed, int other, int[] seen, Ev waiting) {
    /** Load {@code event} reads from {@code store}. */
    static Choice read(Graph parent, int event, int store) {
        return new Choice(parent, event, store, Graph.NONE, Graph.NONE, Graph.NONE, null, null);
    }

    /** The wait {@code waiting}, which did not end, reads from {@code store}. */
    static Choice end(Graph parent, Ev waiting, int store) {
        return new Choice(parent, parent.size, store, Graph.NONE, Graph.NONE, Graph.NONE, null, waiting);
    }

    /** Store {@code event} comes right after {@code placed} in its word, after {@code other} in its second one. */
    static Choice place(Graph parent, int event, int placed, int other) {
        return new Choice(parent, event, Graph.NONE, Graph.NONE, placed, other, null, null);
    }

    /** The same, or an atomic that reads from {@code placed}; and {@code load} reads from it. */
    static Choice revisit(Graph parent, int event, int load, int placed, int other, int[] seen) {
        return new Choice(parent, event, placed, load, placed, other, seen, null);
    }
}

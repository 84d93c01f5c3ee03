package kemu.hw.explore.graph;

import java.util.Arrays;
import kemu.hw.cache.Granule;

/**
 * Events of an execution, or of its beginning, numbered in the order in which the search has added them; for each load
 * the store it reads from, and for each word the order of its stores in memory.
 */
final class Graph {
    static final int NONE = -1;

    final WordNumbers words;
    int size;
    Ev[] events;
    int[] word;
    /** Per store of two words ({@link WordNumbers}), the second one; NONE of all else. */
    int[] other;
    /** Per load, the store it reads from; NONE for what the word held in the beginning. */
    int[] from;
    /** Per store, the next to its word, and the one before; and of the second word. */
    private int[] next;

    private int[] previous;
    private int[] otherNext;
    private int[] otherPrevious;
    /** Per word, its first store and its last. */
    int[] first;

    int[] last;
    /** Events from here on have not been branched on. */
    int fresh;
    /** Per CPU, its events in program order. */
    int[][] ids;

    int[] count;

    Graph(WordNumbers words, int cpus, int events) {
        this.words = words;
        int room = Math.max(events, 16);
        this.events = new Ev[room];
        word = new int[room];
        other = new int[room];
        from = new int[room];
        next = new int[room];
        previous = new int[room];
        otherNext = new int[room];
        otherPrevious = new int[room];
        first = new int[0];
        last = new int[0];
        ids = new int[cpus][16];
        count = new int[cpus];
    }

    int add(Ev event) {
        int id = size++;
        if (id == events.length) {
            events = Arrays.copyOf(events, 2 * id);
            word = Arrays.copyOf(word, 2 * id);
            other = Arrays.copyOf(other, 2 * id);
            from = Arrays.copyOf(from, 2 * id);
            next = Arrays.copyOf(next, 2 * id);
            previous = Arrays.copyOf(previous, 2 * id);
            otherNext = Arrays.copyOf(otherNext, 2 * id);
            otherPrevious = Arrays.copyOf(otherPrevious, 2 * id);
        }
        events[id] = event;
        from[id] = NONE;
        next[id] = NONE;
        previous[id] = NONE;
        otherNext[id] = NONE;
        otherPrevious[id] = NONE;
        word[id] = event.kind() == Ev.FENCE ? NONE : words.of(event);
        other[id] = event.kind() == Ev.STORE ? words.otherOf(event) : NONE;
        int most = Math.max(word[id], other[id]);
        if (most >= first.length) {
            int old = first.length;
            int room = 2 * most + 16;
            first = Arrays.copyOf(first, room);
            last = Arrays.copyOf(last, room);
            Arrays.fill(first, old, room, NONE);
            Arrays.fill(last, old, room, NONE);
        }
        int[] own = ids[event.cpu()];
        if (event.at() != count[event.cpu()]) {
            throw new IllegalStateException("not in program order: " + event);
        }
        if (event.at() == own.length) {
            own = Arrays.copyOf(own, 2 * own.length);
            ids[event.cpu()] = own;
        }
        own[count[event.cpu()]++] = id;
        return id;
    }

    /** Puts store {@code id} right after {@code before} in the order of {@code at}, one of its words; first if NONE. */
    void place(int id, int before, int at) {
        int after = after(before, at);
        link(before, id, at);
        link(id, after, at);
    }

    private void link(int before, int after, int at) {
        if (before == NONE) {
            first[at] = after;
        } else if (word[before] == at) {
            next[before] = after;
        } else {
            otherNext[before] = after;
        }
        if (after == NONE) {
            last[at] = before;
        } else if (word[after] == at) {
            previous[after] = before;
        } else {
            otherPrevious[after] = before;
        }
    }

    /** Puts store {@code id} last in its words. */
    void append(int id) {
        place(id, last[word[id]], word[id]);
        if (other[id] != NONE) {
            place(id, last[other[id]], other[id]);
        }
    }

    /** True if event {@code id} is about the word {@code at}. */
    boolean isAbout(int id, int at) {
        return word[id] == at || other[id] == at && at != NONE;
    }

    /** The store after {@code store} in the order of {@code at}, one of its words. */
    int next(int store, int at) {
        return word[store] == at ? next[store] : otherNext[store];
    }

    /** The store before {@code store} in the order of {@code at}, one of its words. */
    int previous(int store, int at) {
        return word[store] == at ? previous[store] : otherPrevious[store];
    }

    int last(int wordNumber) {
        return wordNumber < last.length ? last[wordNumber] : NONE;
    }

    /** The store after {@code store}, which may be NONE, in the order of {@code at}. */
    int after(int store, int at) {
        return store == NONE ? first[at] : next(store, at);
    }

    /** The id of event {@code at} of {@code cpu}, or NONE. */
    int id(int cpu, int at) {
        return at >= 0 && at < count[cpu] ? ids[cpu][at] : NONE;
    }

    /** What {@code reader} reads if it reads from {@code store}; memory is as in the beginning. */
    long value(int store, Ev reader) {
        long left = reader.bits();
        long seen = 0;
        // Ends: goes back through the stores of one word.
        int order = words.of(reader);
        for (int at = store; at != NONE && left != 0; at = previous(at, order)) {
            Ev write = events[at];
            long granule = write.width() == Long.BYTES ? write.value() : placed(write);
            seen |= granule & write.bits() & left;
            left &= ~write.bits();
        }
        if (left != 0) {
            Ev whole = reader;
            long initial = words.initial(whole);
            long granule =
                    whole.width() == Long.BYTES ? initial : (initial & 0xffff_ffffL) << ((whole.address() & 4) << 3);
            seen |= granule & left;
        }
        return Granule.extract(reader.address(), reader.width(), seen);
    }

    /** The load of the atomic whose store is {@code part}. */
    int loadOf(int part) {
        return id(events[part].cpu(), events[part].at() - 1);
    }

    private static long placed(Ev write) {
        return (write.value() & 0xffff_ffffL) << ((write.address() & 4) << 3);
    }
}

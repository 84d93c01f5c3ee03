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
    /** Per load, the store it reads from; NONE for what the word held in the beginning. */
    int[] from;
    /** Per store, the next to its word, and the one before. */
    int[] next;

    int[] previous;
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
        from = new int[room];
        next = new int[room];
        previous = new int[room];
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
            from = Arrays.copyOf(from, 2 * id);
            next = Arrays.copyOf(next, 2 * id);
            previous = Arrays.copyOf(previous, 2 * id);
        }
        events[id] = event;
        from[id] = NONE;
        next[id] = NONE;
        previous[id] = NONE;
        word[id] = event.kind() == Ev.FENCE ? NONE : words.of(event);
        if (word[id] >= first.length) {
            int old = first.length;
            int room = 2 * word[id] + 16;
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

    /** Puts store {@code id} right after {@code before} in its word, first if that is NONE. */
    void place(int id, int before) {
        int after = before == NONE ? first[word[id]] : next[before];
        previous[id] = before;
        next[id] = after;
        if (before == NONE) {
            first[word[id]] = id;
        } else {
            next[before] = id;
        }
        if (after == NONE) {
            last[word[id]] = id;
        } else {
            previous[after] = id;
        }
    }

    int last(int wordNumber) {
        return wordNumber < last.length ? last[wordNumber] : NONE;
    }

    /** The store after {@code store}, which may be NONE, in the word of {@code like}. */
    int after(int store, int like) {
        return store == NONE ? first[word[like]] : next[store];
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
        for (int at = store; at != NONE && left != 0; at = previous[at]) {
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

    /** What {@code reader} gets of {@code write}, which covers it. */
    static long extract(Ev write, Ev reader) {
        long granule = write.width() == Long.BYTES ? write.value() : placed(write);
        return Granule.extract(reader.address(), reader.width(), granule);
    }

    private static long placed(Ev write) {
        return (write.value() & 0xffff_ffffL) << ((write.address() & 4) << 3);
    }
}

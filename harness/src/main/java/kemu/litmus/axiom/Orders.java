package kemu.litmus.axiom;

import java.util.ArrayList;
import java.util.List;

/**
 * The orders of the writes to one location that are coherent with the sources of the reads and keep read-modify-writes
 * atomic. Each is found once, and no prefix that cannot be completed is followed further than one write.
 */
final class Orders {
    private static final int MAX_ORDERS = 100_000;

    private final Candidate c;
    private final Frame f;
    private final List<Integer> writes = new ArrayList<>();
    private final List<Integer> readers = new ArrayList<>();
    private final List<int[]> found = new ArrayList<>();
    private int[] place;
    private int[] order;
    private final Budget budget;
    private final boolean coherent;
    private boolean tooMany;

    Orders(Candidate c, int location, Budget budget, boolean coherent) {
        this.coherent = coherent;
        this.budget = budget;
        this.c = c;
        this.f = c.frame;
        for (int i = 0; i < f.size; i++) {
            if (c.location[i] == location && f.writes(i)) {
                writes.add(i);
            } else if (c.location[i] == location && f.reads(i)) {
                readers.add(i);
            }
        }
        place = new int[f.size];
        java.util.Arrays.fill(place, Integer.MAX_VALUE);
        order = new int[writes.size()];
        extend(0);
    }

    /** Write events in order. */
    List<int[]> found() {
        return found;
    }

    boolean tooMany() {
        return tooMany;
    }

    private void extend(int length) {
        budget.extend(writes.size(), readers.size());
        if (length == order.length) {
            tooMany |= found.size() == MAX_ORDERS;
            if (!tooMany && (!coherent || readsInOrder())) {
                found.add(order.clone());
            }
            return;
        }
        for (int write : writes) {
            if (place[write] == Integer.MAX_VALUE && !tooMany && (!coherent || fits(write, length))) {
                place[write] = length;
                order[length] = write;
                extend(length + 1);
                place[write] = Integer.MAX_VALUE;
            }
        }
    }

    private boolean fits(int write, int length) {
        int read = f.partner[write];
        if (read >= 0) {
            int last = length == 0 ? -1 : order[length - 1];
            if (c.source[read] != last) {
                return false;
            }
        }
        for (int other : writes) {
            if (f.po.has(other, write) && place[other] == Integer.MAX_VALUE) {
                return false;
            }
        }
        for (int reader : readers) {
            int source = c.source[reader];
            boolean past = source < 0 || place[source] < length;
            if (f.po.has(reader, write) && !past || f.po.has(write, reader) && source != write && past) {
                return false;
            }
        }
        return true;
    }

    private boolean readsInOrder() {
        for (int first : readers) {
            for (int second : readers) {
                if (f.po.has(first, second) && rank(first) > rank(second)) {
                    return false;
                }
            }
        }
        return true;
    }

    private int rank(int reader) {
        return c.source[reader] < 0 ? -1 : place[c.source[reader]];
    }
}

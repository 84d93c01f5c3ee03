package kemu.litmus.axiom;

import java.util.ArrayList;
import java.util.List;
import kemu.litmus.path.MemoryEvent;

/**
 * One order of all events of an execution that agrees with what the model orders in time, and otherwise keeps as much
 * as it can of program order and of the order in which values are written and read.
 */
final class Timeline {
    /** What it costs to let an event come before an earlier one of its process. */
    private static final int EARLY = 1;
    /** What it costs to tell a value before it is written, or an old one after. */
    private static final int UNTOLD = 4;

    private final Candidate c;
    private final Frame f;
    private final Rel fr;
    private final Rel values;
    private final Rel time;
    private final int[] order;
    private final boolean[] done;
    private int cost;

    Timeline(Candidate c, Rel co, Rel fr, Rel inTime) {
        this.c = c;
        this.f = c.frame;
        this.fr = fr;
        this.values = c.rf.or(co).or(fr);
        this.time = inTime.or(fencesIn(f)).plus();
        order = new int[f.size];
        done = new boolean[f.size];
        for (int i = 0; i < f.size; i++) {
            order[i] = next();
            done[order[i]] = true;
        }
    }

    /** A fence is told after what it keeps before it, and before what it keeps after it. */
    private static Rel fencesIn(Frame f) {
        Rel placed = new Rel(f.size);
        for (int i = 0; i < f.size; i++) {
            for (int j = i + 1; j < f.size; j++) {
                if (f.po.has(i, j) && (keeps(f.events[i], f.events[j]) || keeps(f.events[j], f.events[i]))) {
                    placed.add(i, j);
                }
            }
        }
        return placed;
    }

    private static boolean keeps(MemoryEvent fence, MemoryEvent other) {
        return switch (fence.kind()) {
            case MB, SYNC_RCU, SYNC_SRCU -> true;
            case RMB -> other.kind() == MemoryEvent.Kind.READ && !other.has(MemoryEvent.NORETURN);
            case WMB -> other.kind() == MemoryEvent.Kind.WRITE;
            default -> false;
        };
    }

    private int next() {
        int best = -1;
        int least = Integer.MAX_VALUE;
        for (int i = 0; i < f.size; i++) {
            if (!done[i] && !waits(time, i)) {
                int early = f.events[i].isAccess() ? EARLY : 2 * EARLY;
                int price = early * count(f.po, i) + UNTOLD * count(values, i);
                if (price < least) {
                    least = price;
                    best = i;
                }
            }
        }
        if (best < 0) {
            throw new IllegalStateException("what comes before what has a cycle");
        }
        cost += least;
        return best;
    }

    private boolean waits(Rel rel, int event) {
        return count(rel, event) > 0;
    }

    private int count(Rel rel, int event) {
        int open = 0;
        for (int i = 0; i < f.size; i++) {
            open += !done[i] && i != event && rel.has(i, event) ? 1 : 0;
        }
        return open;
    }

    /** How much of program order and of the values had to be left aside. */
    int cost() {
        return cost;
    }

    List<Witnesses.Moment> moments() {
        List<Witnesses.Moment> moments = new ArrayList<>();
        boolean[] told = new boolean[f.size];
        for (int event : order) {
            told[event] = true;
            boolean old = false;
            boolean early = false;
            for (int i = 0; i < f.size; i++) {
                old |= told[i] && fr.has(event, i);
                early |= !told[i] && f.po.has(i, event) && f.events[i].isAccess() && f.events[event].isAccess();
            }
            moments.add(moment(event, old, early));
        }
        return moments;
    }

    private Witnesses.Moment moment(int event, boolean old, boolean early) {
        MemoryEvent e = f.events[event];
        boolean read = e.kind() == MemoryEvent.Kind.READ;
        long value = read
                ? c.values[f.readBase[f.process[event]] + e.read()]
                : e.value() == null ? 0 : c.value(e.value(), event);
        int source = c.source[event];
        return new Witnesses.Moment(
                f.process[event],
                index(event),
                e,
                value,
                c.location[event],
                source < 0 ? -1 : f.process[source],
                source < 0 ? -1 : index(source),
                old,
                early);
    }

    /** Number of the event in its process. */
    private int index(int event) {
        int first = event;
        while (first > 0 && f.process[first - 1] == f.process[event]) {
            first--;
        }
        return event - first;
    }
}

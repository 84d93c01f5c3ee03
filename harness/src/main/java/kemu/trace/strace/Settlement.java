package kemu.trace.strace;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntSupplier;
import kemu.trace.model.Op;
import kemu.trace.model.TraceNotes;

/**
 * Completes the tasks when a log has been read: it ends tasks whose end the log does not hold, gives every task but the
 * roots a creator, and gives an image to a root whose start the log does not hold.
 */
final class Settlement {
    private final Incarnations table;
    private final TraceNotes notes;

    Settlement(Incarnations table, TraceNotes notes) {
        this.table = table;
        this.notes = notes;
    }

    /**
     * Creations whose child has no line become children that exit at once; tasks whose creation is not in the log are
     * given to who waited for them or else to the first root that was alive when they began (posix_spawn style if they
     * exec first, a fork otherwise), which also waits for them. {@code attached} gives the path index of the image that
     * a root gets which does not begin with an exec; asked only if there is one.
     */
    void run(IntSupplier attached) {
        endAll();
        childrenWithoutLines();
        List<RawTask> roots = new ArrayList<>();
        for (RawTask t : table.tasks()) {
            if (t.parent == null && !adopt(t, roots)) {
                roots.add(t);
            } else if (t.parent != null && !t.isThread() && !t.reaped) {
                t.parent.leader().insert(t.parent.leader().ops().size() - 1, Op.WAIT, t.id);
                t.reaped = true;
                notes.add("child nobody waited for", t.lineless ? 0 : 1);
            }
        }
        for (RawTask r : roots) {
            if (r.ops().op(0) != Op.EXEC) {
                int path = attached.getAsInt();
                r.insert(0, Op.EXEC, path);
                r.lastPath = r.lastPath < 0 ? path : r.lastPath;
                notes.add(Remarks.ATTACHED, 1);
            }
        }
        notes.add(
                "creator not in the log: given to a root",
                table.tasks().stream().filter(t -> t.adopted).count());
        notes.add("more than one root", roots.size() - 1L);
    }

    private void endAll() {
        long n = 0;
        for (RawTask t : table.tasks()) {
            if (!t.ended) {
                n += t.exiting ? 0 : 1;
                t.end(t.exitStatus, t.endMicros, t.endMicros);
            }
        }
        notes.add(Remarks.STILL_RUNNING, n);
    }

    private void childrenWithoutLines() {
        List<Incarnations.Birth> threads = new ArrayList<>();
        for (Incarnations.Birth b : List.copyOf(table.unseen())) {
            RawTask t = table.withoutLines(b, 0);
            if (t.isThread()) {
                threads.add(b);
            }
        }
        // From the last op to the first, so that no insertion moves one that is still to be found.
        threads.sort(Comparator.comparingInt(Incarnations.Birth::opIndex).reversed());
        for (Incarnations.Birth b : threads) {
            b.parent().insert(b.opIndex() + 1, Op.JOIN, b.parent().ops().arg(b.opIndex(), 0));
        }
        notes.add(
                Remarks.NO_LINES, table.tasks().stream().filter(t -> t.lineless).count());
    }

    private static boolean adopt(RawTask t, List<RawTask> roots) {
        if (t.waitedBy != null && !descends(t.waitedBy, t)) {
            take(t, t.waitedBy);
            return true;
        }
        for (RawTask r : roots) {
            if (r.startMicros <= t.startMicros && t.startMicros <= r.endMicros) {
                take(t, r);
                r.insert(r.ops().size() - 1, Op.WAIT, t.id);
                t.reaped = true;
                return true;
            }
        }
        return false;
    }

    private static boolean descends(RawTask t, RawTask from) {
        for (RawTask a = t; a != null; a = a.parent) {
            if (a == from) {
                return true;
            }
        }
        return false;
    }

    private static void take(RawTask t, RawTask parent) {
        byte first = t.ops().op(0);
        t.creation = first == Op.EXEC || first == Op.EXEC_FAIL ? Op.SPAWN : Op.FORK;
        t.parent = parent;
        t.adopted = true;
        // A root's life begins with its first exec, whatever the clock says: clocks can be set while strace runs.
        int begin = parent.parent == null && parent.ops().op(0) == Op.EXEC ? 1 : 0;
        int at = Math.max(begin, parent.indexAt(t.startMicros));
        for (int i = 0; i < at; i++) {
            if (parent.ops().op(i) == Op.WAIT && parent.ops().arg(i, 0) == t.id) {
                at = i;
            }
        }
        parent.insert(at, t.creation, t.id);
    }
}

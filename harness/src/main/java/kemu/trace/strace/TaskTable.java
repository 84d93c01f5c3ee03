package kemu.trace.strace;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kemu.trace.Op;
import kemu.trace.TraceNotes;

/** Who is who: binds pids to incarnations and children to the calls that made them. */
final class TaskTable {
    private record Birth(RawTask parent, int opIndex, byte kind) {}

    private final List<RawTask> tasks = new ArrayList<>();
    private final Map<Integer, RawTask> current = new HashMap<>();
    private final Map<Integer, Birth> expected = new HashMap<>();
    private RawTask last;

    /** The live incarnation of a pid, a new one if the last has ended. */
    RawTask at(int pid, long micros) {
        if (last != null && last.pid == pid && !last.ended) {
            return last;
        }
        RawTask t = current.get(pid);
        if (t == null || t.ended) {
            t = new RawTask(tasks.size(), pid, micros, t);
            tasks.add(t);
            current.put(pid, t);
            Birth birth = expected.remove(pid);
            if (birth != null) {
                bind(t, birth);
            }
        }
        last = t;
        return t;
    }

    /**
     * The call at {@code opIndex} of {@code parent} returned {@code pid}. The child may have run before (then its first
     * line is not older than the call's entry) or its first line is still to come.
     */
    void created(RawTask parent, int opIndex, byte kind, int pid, long entry) {
        Birth birth = new Birth(parent, opIndex, kind);
        RawTask t = current.get(pid);
        if (t != null && t != parent && t.parent == null && t.id != 0 && t.startMicros >= entry) {
            bind(t, birth);
        } else {
            expected.put(pid, birth);
        }
    }

    /** The child that a wait by {@code waiter} returned, or null if the log does not hold it. */
    RawTask reap(RawTask waiter, int pid) {
        for (RawTask t = current.get(pid); t != null; t = t.earlier) {
            if (t.ended && !t.reaped && t.parent != null && t.parent.leader() == waiter.leader()) {
                t.reaped = true;
                return t;
            }
        }
        return null;
    }

    List<RawTask> tasks() {
        return tasks;
    }

    /** First task still running, or null. */
    RawTask firstRunning() {
        for (RawTask t : tasks) {
            if (!t.ended) {
                return t;
            }
        }
        return null;
    }

    /**
     * Called at the end of the log: creations whose child has no line become failed calls; tasks whose creation is not
     * in the log are given to the first root that was alive when they began (posix_spawn style if they exec first, a
     * fork otherwise), which also waits for them.
     */
    void settle(TraceNotes notes) {
        for (Birth b : expected.values()) {
            b.parent.ops().setArg(b.opIndex, 0, -1);
            notes.add("created child has no line in the log", 1);
        }
        List<RawTask> roots = new ArrayList<>();
        for (RawTask t : tasks) {
            if (t.parent == null && !adopt(t, roots)) {
                roots.add(t);
            } else if (t.parent != null && !t.isThread() && !t.reaped) {
                t.parent.leader().insert(t.parent.leader().ops().size() - 1, Op.WAIT, t.id);
                t.reaped = true;
                notes.add("child nobody waited for", 1);
            }
        }
        notes.add(
                "creator not in the log: given to a root",
                tasks.stream().filter(t -> t.adopted).count());
        notes.add("more than one root", roots.size() - 1L);
    }

    private static boolean adopt(RawTask t, List<RawTask> roots) {
        for (RawTask r : roots) {
            if (r.startMicros <= t.startMicros && t.startMicros <= r.endMicros) {
                byte first = t.ops().op(0);
                t.creation = first == Op.EXEC || first == Op.EXEC_FAIL ? Op.SPAWN : Op.FORK;
                t.parent = r;
                t.adopted = true;
                r.insert(r.indexAt(t.startMicros), t.creation, t.id);
                r.insert(r.ops().size() - 1, Op.WAIT, t.id);
                t.reaped = true;
                return true;
            }
        }
        return false;
    }

    private static void bind(RawTask child, Birth birth) {
        child.parent = birth.parent;
        child.creation = birth.kind;
        birth.parent.ops().setArg(birth.opIndex, 0, child.id);
        if (birth.kind == Op.THREAD) {
            child.leader().threads.add(child);
        }
    }
}

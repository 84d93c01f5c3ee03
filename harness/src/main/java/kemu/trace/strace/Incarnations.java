package kemu.trace.strace;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kemu.trace.model.Op;

/**
 * Tells the tasks of a log apart: the kernel gives a pid again once its task has ended, so one pid may have several
 * incarnations. Binds lines to incarnations, and children to the calls that created them.
 */
final class Incarnations {
    /** The op of {@code parent} that created somebody. */
    record Birth(RawTask parent, int opIndex, byte kind, int pid, long entry) {}

    private final List<RawTask> tasks = new ArrayList<>();
    private final Map<Integer, RawTask> current = new HashMap<>();
    private final Map<Integer, Birth> expected = new LinkedHashMap<>();
    private boolean timed = true;
    private RawTask last;

    /** The log has no times. */
    void untimed() {
        timed = false;
    }

    /** The live incarnation of a pid, a new one if the last has ended. */
    RawTask at(int pid, long micros) {
        if (last != null && last.pid == pid && !last.ended) {
            return last;
        }
        RawTask t = current.get(pid);
        if (t == null || t.ended) {
            t = add(pid, micros, t);
            Birth birth = expected.remove(pid);
            if (birth != null) {
                bind(t, birth);
            }
        }
        last = t;
        return t;
    }

    private RawTask add(int pid, long micros, RawTask earlier) {
        RawTask t = new RawTask(tasks.size(), pid, micros, earlier, timed);
        tasks.add(t);
        current.put(pid, t);
        return t;
    }

    /** Whether lines of that pid have been seen, or a creation of it. */
    boolean knows(int pid) {
        return current.containsKey(pid) || expected.containsKey(pid);
    }

    /** The last incarnation of a pid, or null. */
    RawTask find(int pid) {
        return current.get(pid);
    }

    /** Sets the pid of a task whose pid the log has told only now. */
    void name(RawTask t, int pid) {
        current.remove(t.pid);
        t.pid = pid;
        current.put(pid, t);
    }

    /**
     * The call at {@code opIndex} of {@code parent} returned {@code pid}. The child may have run before (then its first
     * line is not older than the call's entry) or its first line is still to come.
     */
    void created(RawTask parent, int opIndex, byte kind, int pid, long entry) {
        Birth birth = new Birth(parent, opIndex, kind, pid, entry);
        RawTask t = current.get(pid);
        if (t != null && t != parent && t.parent == null && t.id != 0 && t.startMicros >= entry) {
            bind(t, birth);
        } else {
            Birth lost = expected.put(pid, birth);
            if (lost != null) {
                withoutLines(lost, 0);
            }
        }
    }

    /**
     * The child that a wait by {@code waiter} returned, or null if the log does not hold it: one that has ended, or
     * else one whose end stands further down (a log merged by time of entry) or nowhere, or else one without lines.
     */
    RawTask reap(RawTask waiter, int pid, int status) {
        RawTask running = null;
        RawTask strange = null;
        for (RawTask t = current.get(pid); t != null; t = t.earlier) {
            boolean mine = t.parent != null && t.parent.leader() == waiter.leader();
            if (!t.reaped && mine && t.ended) {
                t.reaped = true;
                return t;
            }
            if (!t.reaped && mine && running == null) {
                running = t;
            }
            if (!t.reaped && t.parent == null && t != waiter.leader() && strange == null) {
                strange = t;
            }
        }
        Birth birth = expected.get(pid);
        if (running != null) {
            running.reaped = true;
            if (running.exiting) {
                running.end(running.exitStatus, running.endMicros, running.endMicros);
            }
            return running;
        }
        if (birth != null && birth.parent.leader() == waiter.leader()) {
            expected.remove(pid);
            RawTask t = withoutLines(birth, status);
            t.reaped = true;
            return t;
        }
        if (strange != null && strange.waitedBy == null) {
            strange.waitedBy = waiter.leader();
            strange.reaped = true;
        }
        return strange;
    }

    /** Adds a task that ends as soon as it is created: of a task without lines nothing else is known. */
    RawTask withoutLines(Birth birth, int status) {
        RawTask t = new RawTask(tasks.size(), birth.pid, birth.entry, null, timed);
        tasks.add(t);
        t.lineless = true;
        bind(t, birth);
        t.end(status, birth.entry, birth.entry);
        return t;
    }

    List<RawTask> tasks() {
        return tasks;
    }

    /** Creations whose child has not been seen. */
    Collection<Birth> unseen() {
        return expected.values();
    }

    private static void bind(RawTask child, Birth birth) {
        child.parent = birth.parent;
        child.creation = birth.kind;
        birth.parent.ops().setArg(birth.opIndex, 0, child.id);
        if (birth.kind == Op.THREAD && !child.lineless) {
            child.leader().threads.add(child);
        }
    }
}

package kemu.trace.strace;

import java.util.HashSet;
import java.util.Set;

/**
 * Finds the task that a line belongs to. On a terminal strace writes no pid while it traces one task only: such a line
 * belongs to the one task that is left, whose pid the log may tell only later.
 */
final class Owners {
    private final Incarnations tasks;
    private final Set<Integer> announced = new HashSet<>();
    private RawTask unnamed;
    private RawTask lastUnnamed;
    private int placeholders;

    Owners(Incarnations tasks) {
        this.tasks = tasks;
    }

    /** {@code Process N attached}. */
    void attached(int pid) {
        if (!tasks.knows(pid)) {
            announced.add(pid);
        }
    }

    /** {@code Process N detached}: older versions of strace say that of a task that has ended. */
    void detached(int pid) {
        RawTask t = tasks.find(pid);
        if (t != null && !t.ended && t.exiting) {
            t.end(t.exitStatus, t.endMicros, t.endMicros);
        }
    }

    /** The task whose line has no pid. */
    RawTask unnamed(long micros, boolean fresh) {
        if (lastUnnamed != null && alive(lastUnnamed, fresh)) {
            return lastUnnamed;
        }
        RawTask left = null;
        if (lastUnnamed != null || unnamed == null) {
            for (RawTask t : tasks.tasks()) {
                left = left == null && alive(t, fresh) ? t : left;
            }
        }
        if (left == null) {
            left = begin(micros);
        }
        lastUnnamed = left;
        return left;
    }

    private RawTask begin(long micros) {
        if (tasks.tasks().isEmpty() && announced.size() == 1) {
            return tasks.at(announced.iterator().next(), micros);
        }
        unnamed = tasks.at(- ++placeholders, micros);
        return unnamed;
    }

    private static boolean alive(RawTask t, boolean fresh) {
        return !t.ended && !(fresh && t.exiting);
    }

    /** A line with a pid in brackets: a pid that nobody announced or created is that of the task without one so far. */
    void inBrackets(int pid, Scan s, int shape) {
        boolean child = announced.remove(pid) || tasks.knows(pid);
        if (child || unnamed == null || unnamed.ended || unnamed.pid > 0) {
            return;
        }
        boolean resumes = shape == Shape.RESUMED && unnamed.openLength != 0 && resumes(s);
        if (unnamed.openLength == 0 || resumes) {
            tasks.name(unnamed, pid);
        }
    }

    private boolean resumes(Scan s) {
        int name = s.pos + 5;
        int n = s.find(" resumed>") - name;
        if (n > unnamed.openLength) {
            return false;
        }
        for (int i = 0; i < n; i++) {
            if (unnamed.open[i] != s.b[name + i]) {
                return false;
            }
        }
        return true;
    }

    /** The task with that pid; a new call after an exit is another one's. */
    RawTask named(int pid, long micros, boolean fresh) {
        RawTask t = tasks.at(pid, micros);
        if (fresh && t.exiting && !t.ended) {
            t.end(t.exitStatus, t.endMicros, t.endMicros);
            t = tasks.at(pid, micros);
        }
        return t;
    }

    /** A thread's execve has taken over its process: it goes on under the leader's pid. */
    void supersede(RawTask leader, int by, long micros) {
        RawTask thread = tasks.find(by);
        leader.openLength = 0;
        if (thread == null || thread.ended || thread == leader) {
            return;
        }
        if (thread.openLength != 0) {
            leader.open(thread.open, 0, thread.openLength, thread.openAt);
        }
        thread.end(0, micros, micros);
    }

    /** Ends the log: a task whose pid no line told gets the one that a call of its own returned, or a free one. */
    void nameTheUnnamed(int own) {
        int next = 1;
        for (RawTask t : tasks.tasks()) {
            if (t.pid < 0) {
                int pid = own > 0 && !tasks.knows(own) ? own : next;
                while (tasks.knows(pid)) {
                    pid = ++next;
                }
                tasks.name(t, pid);
            }
        }
    }
}

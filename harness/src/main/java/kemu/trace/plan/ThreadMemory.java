package kemu.trace.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kemu.trace.model.Op;
import kemu.trace.model.ProgramBuilder;
import kemu.trace.strace.RawTask;

/**
 * Knows what the tasks of processes with threads map and unmap. A replay keeps no order between threads, so a call of
 * one on memory that another maps or unmaps may come too early or too late: it is left out.
 */
final class ThreadMemory {
    /** Task {@code task} maps or unmaps {@code [start, end)} with its op {@code at}. */
    private record Change(long start, long end, int task, int at) {}

    /** Changes of one process by start; {@code reach[i]} is the highest end of the first i + 1. */
    private record Changes(List<Change> byStart, long[] reach) {}

    private final List<RawTask> tasks;
    private final Map<Integer, Changes> byLeader = new HashMap<>();
    private Map<Integer, List<RawTask>> groups;

    ThreadMemory(List<RawTask> tasks) {
        this.tasks = tasks;
    }

    /**
     * Whether another task of the process changes the mappings of {@code [start, start + length)} while {@code thread}
     * runs.
     */
    boolean disputed(RawTask thread, long start, long length) {
        RawTask leader = thread.process();
        Changes c = byLeader.computeIfAbsent(leader.id(), id -> changes(leader));
        int born = birth(thread, thread.parent());
        int i = firstFrom(c.byStart, start + length) - 1;
        for (; i >= 0 && c.reach[i] > start; i--) {
            Change x = c.byStart.get(i);
            boolean before = x.task == thread.parent().id() && x.at < born;
            if (x.end > start && x.task != thread.id() && !before) {
                return true;
            }
        }
        return false;
    }

    private static int birth(RawTask child, RawTask parent) {
        ProgramBuilder ops = parent.ops();
        for (int i = 0; i < ops.size(); i++) {
            if (ops.op(i) == Op.THREAD && ops.arg(i, 0) == child.id()) {
                return i;
            }
        }
        return 0;
    }

    private static int firstFrom(List<Change> byStart, long start) {
        int lo = 0;
        int hi = byStart.size();
        while (lo < hi) {
            int mid = (lo + hi) >>> 1;
            if (byStart.get(mid).start < start) {
                lo = mid + 1;
            } else {
                hi = mid;
            }
        }
        return lo;
    }

    private Changes changes(RawTask leader) {
        if (groups == null) {
            groups = new HashMap<>();
            for (RawTask t : tasks) {
                if (t.isThread()) {
                    groups.computeIfAbsent(t.process().id(), id -> new ArrayList<>())
                            .add(t);
                }
            }
        }
        List<Change> all = new ArrayList<>();
        add(all, leader, firstThread(leader.ops()));
        for (RawTask t : groups.getOrDefault(leader.id(), List.of())) {
            add(all, t, 0);
        }
        all.sort(Comparator.comparingLong(Change::start));
        long[] reach = new long[all.size()];
        long highest = 0;
        for (int i = 0; i < reach.length; i++) {
            highest = Math.max(highest, all.get(i).end);
            reach[i] = highest;
        }
        return new Changes(all, reach);
    }

    private static int firstThread(ProgramBuilder ops) {
        int i = 0;
        while (i < ops.size() && ops.op(i) != Op.THREAD) {
            i++;
        }
        return i;
    }

    private static void add(List<Change> all, RawTask t, int from) {
        ProgramBuilder ops = t.ops();
        for (int i = from; i < ops.size(); i++) {
            byte op = ops.op(i);
            if (op == Op.MMAP || op == Op.MUNMAP || op == Op.MREMAP) {
                all.add(new Change(ops.arg(i, 0), ops.arg(i, 0) + ops.arg(i, 1), t.id(), i));
            }
            if (op == Op.MREMAP) {
                all.add(new Change(ops.arg(i, 3), ops.arg(i, 3) + ops.arg(i, 2), t.id(), i));
            }
        }
    }
}

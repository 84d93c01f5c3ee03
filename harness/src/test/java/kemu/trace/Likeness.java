package kemu.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import kemu.trace.model.Op;
import kemu.trace.model.Proc;
import kemu.trace.model.Program;
import kemu.trace.model.Trace;

/**
 * What is the same in every recording of one build: the tasks in the order they were created, how, what they execute,
 * the memory calls of each with their addresses relative to what was mapped before, failures, ends. Left out is what
 * differs from run to run or from form to form: pids, places, times, how often somebody asked for children in vain, the
 * order in which children were reaped, planned page accesses.
 */
final class Likeness {
    private final Trace trace;
    private final List<String> lines = new ArrayList<>();

    private Likeness(Trace trace) {
        this.trace = trace;
    }

    /** One line for each task's beginning and each of its calls, children in the place of their creation. */
    static List<String> of(Trace trace) {
        Likeness l = new Likeness(trace);
        for (int i = 0; i < trace.rootCount(); i++) {
            l.task("", trace.root(i), new Places());
        }
        return l.lines;
    }

    private void task(String indent, int id, Places inherited) {
        Proc p = trace.proc(id);
        Places places = inherited;
        lines.add(indent + (p.parent() < 0 ? "root" : Op.name(p.creation())) + " " + p.name());
        String deeper = indent + "  ";
        int waits = 0;
        Program ops = p.program();
        for (int i = 0; i < ops.size(); i++) {
            byte op = ops.op(i);
            switch (op) {
                case Op.FORK -> task(deeper, (int) ops.a(i), places.copy());
                case Op.VFORK, Op.SPAWN, Op.THREAD -> task(deeper, (int) ops.a(i), places);
                case Op.EXEC -> {
                    places = new Places();
                    lines.add(deeper + "exec "
                            + trace.path(trace.image((int) ops.a(i)).path()));
                }
                case Op.EXEC_FAIL -> lines.add(deeper + "exec-fail " + ops.a(i) + " " + trace.path((int) ops.b(i)));
                case Op.WAIT -> waits++;
                case Op.FAILED, Op.EXIT -> lines.add(deeper + ops.describe(i));
                case Op.MMAP -> {
                    places.map(ops.a(i));
                    String kind = ops.e(i) < 0 ? "anonymous" : trace.files().name((int) ops.e(i)) + "@" + ops.f(i);
                    memory(deeper, op, places.of(ops.a(i)), ops.b(i), ops.c(i), ops.d(i), kind);
                }
                case Op.MUNMAP -> memory(deeper, op, places.of(ops.a(i)), ops.b(i));
                case Op.MPROTECT, Op.MADVISE -> memory(deeper, op, places.of(ops.a(i)), ops.b(i), ops.c(i));
                case Op.MREMAP -> {
                    String from = places.of(ops.a(i));
                    places.map(ops.d(i));
                    memory(deeper, op, from, ops.b(i), ops.c(i), places.of(ops.d(i)));
                }
                case Op.BRK -> memory(deeper, op, ops.a(i) == 0 ? "query" : "set", places.heap(ops.b(i)));
                default -> {}
            }
        }
        lines.add(deeper + "reaped " + waits);
    }

    private void memory(String indent, byte op, Object... what) {
        StringBuilder s = new StringBuilder(indent).append(Op.name(op));
        for (Object o : what) {
            s.append(' ').append(o);
        }
        lines.add(s.toString());
    }

    /** Names for addresses: what the n-th mmap returned, plus bytes. */
    private static final class Places {
        private final TreeMap<Long, Integer> maps = new TreeMap<>();
        private long heapStart;

        Places copy() {
            Places p = new Places();
            p.maps.putAll(maps);
            p.heapStart = heapStart;
            return p;
        }

        void map(long address) {
            maps.remove(address);
            var below = maps.floorEntry(address);
            if (below == null || address - below.getKey() > 1 << 21) {
                maps.put(address, maps.size());
            }
        }

        String of(long address) {
            var below = maps.floorEntry(address);
            // Further away is what the log does not map: the executable and ld.so, whose places nobody knows.
            return below == null || address - below.getKey() > 1 << 24 ? "unmapped" : "m" + below.getValue();
        }

        long heap(long end) {
            heapStart = heapStart == 0 ? end : heapStart;
            return end - heapStart;
        }
    }
}

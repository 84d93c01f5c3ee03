package kemu.trace.store;

import java.io.IOException;
import kemu.trace.Op;
import kemu.trace.Proc;
import kemu.trace.Program;
import kemu.trace.Trace;

/**
 * What a replay relies on, checked on a trace that was read from a file: references in range, one creation for each
 * task, EXIT last.
 */
final class TraceCheck {
    private static final long USER_END = 1L << 47;

    private final Trace trace;
    private final boolean[] created;

    private TraceCheck(Trace trace) {
        this.trace = trace;
        this.created = new boolean[trace.procCount()];
    }

    static void check(Trace trace) throws IOException {
        TraceCheck c = new TraceCheck(trace);
        for (int i = 0; i < trace.procCount(); i++) {
            c.program(trace.proc(i));
        }
        for (int i = 0; i < trace.procCount(); i++) {
            if (c.created[i] != trace.proc(i).parent() >= 0) {
                throw new IOException("task " + i + " is created by nobody or by a stranger");
            }
        }
    }

    private void program(Proc p) throws IOException {
        Program ops = p.program();
        if (ops.size() == 0 || ops.op(ops.size() - 1) != Op.EXIT) {
            throw new IOException("task " + p.id() + " does not end with an exit");
        }
        for (int i = 0; i < ops.size(); i++) {
            byte op = ops.op(i);
            if (!valid(p, ops, i, op) || op == Op.EXIT && i != ops.size() - 1) {
                throw new IOException("task " + p.id() + " op " + i + " is not possible: " + ops.describe(i));
            }
        }
    }

    private boolean valid(Proc p, Program ops, int i, byte op) {
        long a = ops.a(i);
        return switch (op) {
            case Op.FORK, Op.VFORK, Op.SPAWN, Op.THREAD -> birth(p, a, op);
            case Op.WAIT, Op.JOIN -> a >= 0 && a < trace.procCount() && a != p.id();
            case Op.EXEC -> a >= 0 && a < trace.imageCount();
            case Op.EXEC_FAIL -> ops.b(i) >= 0 && ops.b(i) < trace.pathCount();
            case Op.MMAP ->
                range(a, ops.b(i)) && ops.e(i) >= -1 && ops.e(i) < trace.files().size();
            case Op.MUNMAP, Op.MPROTECT, Op.MADVISE -> range(a, ops.b(i));
            case Op.MREMAP -> range(a, ops.b(i)) && range(ops.d(i), ops.c(i));
            case Op.BRK -> a >= 0 && a < USER_END;
            case Op.TOUCH_READ, Op.TOUCH_WRITE, Op.RETOUCH_READ, Op.RETOUCH_WRITE ->
                ops.b(i) < USER_END >> 12 && range(a, ops.b(i) << 12);
            default -> true;
        };
    }

    private boolean birth(Proc p, long child, byte op) {
        if (child < 0 || child >= trace.procCount() || created[(int) child]) {
            return false;
        }
        Proc c = trace.proc((int) child);
        created[(int) child] = true;
        return c.parent() == p.id() && c.creation() == op;
    }

    private static boolean range(long address, long length) {
        return address >= 0 && length >= 0 && address < USER_END && length <= USER_END - address;
    }
}

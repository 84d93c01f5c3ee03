package kemu.trace.store;

import java.io.IOException;
import kemu.hw.mem.PhysMem;
import kemu.trace.model.Op;
import kemu.trace.model.Proc;
import kemu.trace.model.Program;
import kemu.trace.model.Trace;

/**
 * Checks on a trace that was read what a replay relies on: references in range, ranges inside user space, one creation
 * for each task, every task reached from a root, waits for children that were not waited for, EXIT last. What mappings
 * allow is checked by {@link TouchCheck}, what execve maps by {@link ImageCheck}.
 */
public final class TraceCheck {
    static final long USER_END = 1L << 47;
    static final long PAGE = PhysMem.PAGE_SIZE;

    /** Tasks created inside each other's vfork, or as each other's threads, are followed by recursion. */
    private static final int DEEPEST = 256;

    private static final int PROTECTIONS = Op.PROT_READ | Op.PROT_WRITE | Op.PROT_EXEC;

    private final Trace trace;
    private final boolean[] created;
    private final boolean[] awaited;
    private final int[] leaders;

    private TraceCheck(Trace trace) {
        this.trace = trace;
        this.created = new boolean[trace.procCount()];
        this.awaited = new boolean[trace.procCount()];
        this.leaders = new int[trace.procCount()];
    }

    /**
     * Returns if a replay can follow {@code trace}.
     *
     * @throws IOException with what is wrong, in one line, if it cannot
     */
    public static void check(Trace trace) throws IOException {
        if (trace.procCount() == 0) {
            throw new IOException("no task in it");
        }
        TraceCheck c = new TraceCheck(trace);
        c.family();
        for (int i = 0; i < trace.imageCount(); i++) {
            ImageCheck.check(trace, i);
        }
        for (int i = 0; i < trace.procCount(); i++) {
            c.program(trace.proc(i));
        }
        for (int i = 0; i < trace.procCount(); i++) {
            if (c.created[i] != trace.proc(i).parent() >= 0) {
                throw new IOException("task " + i + " is created by nobody or by a stranger");
            }
        }
        TouchCheck.check(trace);
    }

    /** Checks that parents lead to a root, and not through too many tasks that recursion would follow. */
    private void family() throws IOException {
        int[] nested = new int[trace.procCount()];
        int[] chain = new int[trace.procCount()];
        for (int i = 0; i < chain.length; i++) {
            int n = 0;
            int p = i;
            while (p >= 0 && nested[p] == 0) {
                // A second visit in this round would find the task already on the chain.
                if (n == chain.length) {
                    throw new IOException("task " + i + " is among its own ancestors");
                }
                chain[n++] = p;
                p = trace.proc(p).parent();
            }
            int depth = p < 0 ? 0 : nested[p];
            while (n > 0) {
                Proc proc = trace.proc(chain[--n]);
                boolean inside = proc.parent() >= 0 && proc.creation() != Op.FORK;
                depth = inside ? depth + 1 : 1;
                nested[proc.id()] = depth;
                leaders[proc.id()] = proc.isThread() ? leaders[proc.parent()] : proc.id();
                if (depth > DEEPEST) {
                    throw new IOException(
                            "task " + proc.id() + " is created by vfork or clone inside " + DEEPEST + " others");
                }
            }
        }
    }

    private void program(Proc p) throws IOException {
        Program ops = p.program();
        if (ops.size() == 0 || ops.op(ops.size() - 1) != Op.EXIT) {
            throw new IOException("task " + p.id() + " does not end with an exit");
        }
        long faults = 0;
        for (int i = 0; i < ops.size(); i++) {
            byte op = ops.op(i);
            if (!valid(p, ops, i, op) || op == Op.EXIT && i != ops.size() - 1) {
                throw new IOException("task " + p.id() + " op " + i + " is not possible: " + ops.describe(i));
            }
            faults += op == Op.TOUCH_READ || op == Op.TOUCH_WRITE ? ops.b(i) : 0;
        }
        if (faults != p.plannedFaults()) {
            throw new IOException(
                    "task " + p.id() + " takes " + faults + " faults, " + p.plannedFaults() + " are announced");
        }
    }

    private boolean valid(Proc p, Program ops, int i, byte op) {
        long a = ops.a(i);
        return switch (op) {
            case Op.FORK, Op.VFORK, Op.SPAWN, Op.THREAD -> birth(p, a, op);
            case Op.WAIT -> relative(p, a, false);
            case Op.JOIN -> relative(p, a, true);
            case Op.EXEC -> a >= 0 && a < trace.imageCount() && !p.isThread();
            case Op.EXEC_FAIL -> ops.b(i) >= 0 && ops.b(i) < trace.pathCount();
            case Op.MMAP -> mmap(ops, i);
            case Op.MUNMAP, Op.MADVISE -> range(a, ops.b(i));
            case Op.MPROTECT -> range(a, ops.b(i)) && protection(ops.c(i));
            case Op.MREMAP -> range(a, ops.b(i)) && range(ops.d(i), ops.c(i)) && ops.c(i) > 0;
            case Op.BRK -> a >= 0 && a < USER_END && ops.b(i) >= 0 && ops.b(i) < USER_END;
            case Op.TOUCH_READ, Op.TOUCH_WRITE, Op.RETOUCH_READ, Op.RETOUCH_WRITE ->
                ops.b(i) > 0 && ops.b(i) < USER_END / PAGE && range(a, ops.b(i) * PAGE);
            case Op.FAILED -> a >= 0 && a < Op.COUNT;
            case Op.EXIT -> a >= 0 && a <= Integer.MAX_VALUE;
            default -> true;
        };
    }

    private boolean mmap(Program ops, int i) {
        long file = ops.e(i);
        long offset = ops.f(i);
        return range(ops.a(i), ops.b(i))
                && ops.b(i) > 0
                && protection(ops.c(i))
                && ops.d(i) >= 0
                && ops.d(i) <= Integer.MAX_VALUE
                && file >= -1
                && file < trace.files().size()
                && inFile(trace, file, offset, ops.b(i));
    }

    /** Whether a mapping of a file lies inside it. */
    static boolean inFile(Trace trace, long file, long offset, long length) {
        return file < 0
                || offset >= 0
                        && offset % PAGE == 0
                        && offset / PAGE + length / PAGE <= trace.files().pages((int) file);
    }

    private boolean birth(Proc p, long child, byte op) {
        if (child < 0 || child >= trace.procCount() || created[(int) child]) {
            return false;
        }
        Proc c = trace.proc((int) child);
        created[(int) child] = true;
        return c.parent() == p.id() && c.creation() == op;
    }

    /** Whether {@code other} is a child that the thread group of {@code p} has not reaped yet, or a thread of it. */
    private boolean relative(Proc p, long other, boolean thread) {
        if (other < 0 || other >= trace.procCount() || other == p.id()) {
            return false;
        }
        Proc o = trace.proc((int) other);
        boolean mine = o.parent() >= 0 && leaders[o.parent()] == leaders[p.id()] && o.isThread() == thread;
        boolean first = thread || !awaited[o.id()];
        awaited[o.id()] = true;
        return mine && first;
    }

    private static boolean protection(long prot) {
        return (prot & ~PROTECTIONS) == 0;
    }

    /** Whether whole pages lie inside user space. */
    static boolean range(long address, long length) {
        return address >= 0
                && length >= 0
                && address < USER_END
                && length <= USER_END - address
                && address % PAGE == 0
                && length % PAGE == 0;
    }
}

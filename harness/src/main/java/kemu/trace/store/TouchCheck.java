package kemu.trace.store;

import java.io.IOException;
import java.util.ArrayDeque;
import kemu.trace.model.Op;
import kemu.trace.model.Proc;
import kemu.trace.model.Program;
import kemu.trace.model.Trace;
import kemu.trace.plan.MmModel;

/**
 * Checks that the pages that a trace touches are mapped at that time, with the permission that the access takes. It
 * follows each address space as the planner did, and leaves threads out, since they touch nothing.
 */
final class TouchCheck {
    /** Continue {@code proc} at op {@code from} on {@code mm}, which is null before an exec. */
    private record Work(Proc proc, int from, MmModel mm) {}

    private final Trace trace;
    private final ArrayDeque<Work> queue = new ArrayDeque<>();

    private TouchCheck(Trace trace) {
        this.trace = trace;
    }

    static void check(Trace trace) throws IOException {
        TouchCheck c = new TouchCheck(trace);
        for (int i = 0; i < trace.rootCount(); i++) {
            c.queue.add(new Work(trace.proc(trace.root(i)), 0, new MmModel()));
        }
        while (!c.queue.isEmpty()) {
            c.follow(c.queue.poll());
        }
    }

    private void follow(Work w) throws IOException {
        Program ops = w.proc.program();
        MmModel mm = w.mm;
        int from = w.from;
        while (true) {
            int end = mm == null ? from : stretch(w.proc, from, mm);
            if (ops.op(end) == Op.EXIT) {
                return;
            }
            mm = new MmModel(trace.image((int) ops.a(end)));
            from = end + 1;
        }
    }

    /** Follows one stretch; returns the index of the EXEC or EXIT that ends it. */
    private int stretch(Proc proc, int from, MmModel mm) throws IOException {
        Program ops = proc.program();
        int i = from;
        while (ops.op(i) != Op.EXEC && ops.op(i) != Op.EXIT) {
            byte op = ops.op(i);
            switch (op) {
                case Op.TOUCH_READ, Op.RETOUCH_READ, Op.TOUCH_WRITE, Op.RETOUCH_WRITE -> {
                    boolean write = op == Op.TOUCH_WRITE || op == Op.RETOUCH_WRITE;
                    if (!mm.allows(ops.a(i), ops.b(i), write)) {
                        throw new IOException(
                                "task " + proc.id() + " op " + i + " touches what is not mapped: " + ops.describe(i));
                    }
                }
                case Op.FORK -> queue.add(new Work(child(ops, i), 0, mm.fork()));
                case Op.VFORK, Op.SPAWN -> {
                    Proc child = child(ops, i);
                    queue.add(new Work(child, stretch(child, 0, mm), null));
                }
                case Op.THREAD -> thread(child(ops, i));
                default -> mm.apply(ops, i);
            }
            i++;
        }
        return i;
    }

    /** Nobody knows when a thread maps or unmaps, so it and its children touch none of this memory. */
    private void thread(Proc thread) throws IOException {
        Program ops = thread.program();
        for (int i = 0; i < ops.size(); i++) {
            byte op = ops.op(i);
            if (op >= Op.TOUCH_READ) {
                throw new IOException(
                        "task " + thread.id() + " op " + i + " is not possible in a thread: " + ops.describe(i));
            }
            if (op == Op.THREAD) {
                thread(child(ops, i));
            } else if (Op.creates(op)) {
                queue.add(new Work(child(ops, i), 0, new MmModel()));
            }
        }
    }

    private Proc child(Program ops, int i) {
        return trace.proc((int) ops.a(i));
    }
}

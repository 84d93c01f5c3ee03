package kemu.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import kemu.trace.model.Op;
import kemu.trace.model.Proc;
import kemu.trace.model.Program;
import kemu.trace.model.Trace;

/**
 * Runs a trace on {@link ModelMm} in a random order that respects causality, and holds every TOUCH and RETOUCH op to
 * what it promises.
 */
final class ModelReplay {
    private final class Task {
        final Proc proc;
        final Program ops;
        ModelMm mm;
        int at;
        boolean over;
        boolean borrowing;
        Task vforked;

        Task(Proc proc, ModelMm mm) {
            this.proc = proc;
            this.ops = proc.program();
            this.mm = mm;
        }
    }

    private final Trace trace;
    private final SplittableRandom dice;
    private final Task[] tasks;
    private final List<Task> running = new ArrayList<>();
    private long faults;

    private ModelReplay(Trace trace, long seed) {
        this.trace = trace;
        this.dice = new SplittableRandom(seed);
        this.tasks = new Task[trace.procCount()];
    }

    /** Faults taken; throws AssertionError if an op breaks its promise, or if some task cannot go on. */
    static long run(Trace trace, long seed) {
        ModelReplay r = new ModelReplay(trace, seed);
        for (int i = 0; i < trace.rootCount(); i++) {
            r.start(trace.root(i), new ModelMm(r.dice));
        }
        r.loop();
        for (Task t : r.tasks) {
            if (t == null || !t.over) {
                throw new AssertionError("a task never ran to its end");
            }
        }
        return r.faults;
    }

    private Task start(int id, ModelMm mm) {
        if (tasks[id] != null) {
            throw new AssertionError("task " + id + " created twice");
        }
        tasks[id] = new Task(trace.proc(id), mm);
        running.add(tasks[id]);
        return tasks[id];
    }

    private void loop() {
        while (!running.isEmpty()) {
            int first = dice.nextInt(running.size());
            boolean moved = false;
            for (int k = 0; k < running.size() && !moved; k++) {
                int pick = (first + k) % running.size();
                Task t = running.get(pick);
                moved = step(t);
                if (t.over) {
                    running.remove(pick);
                }
            }
            if (!moved) {
                throw new AssertionError("deadlock among " + running.size() + " tasks");
            }
        }
    }

    private boolean step(Task t) {
        if (t.vforked != null) {
            if (t.vforked.borrowing) {
                return false;
            }
            t.vforked = null;
        }
        byte op = t.ops.op(t.at);
        int a = (int) t.ops.a(t.at);
        if ((op == Op.WAIT || op == Op.JOIN) && (tasks[a] == null || !tasks[a].over)) {
            return false;
        }
        switch (op) {
            case Op.FORK -> start(a, t.mm.fork());
            case Op.VFORK, Op.SPAWN -> {
                t.vforked = start(a, t.mm);
                t.vforked.borrowing = true;
            }
            case Op.THREAD -> start(a, t.mm);
            case Op.EXEC -> {
                t.mm = ModelMm.exec(trace.image(a), dice);
                t.borrowing = false;
            }
            case Op.EXIT -> {
                t.over = true;
                t.borrowing = false;
            }
            case Op.TOUCH_READ, Op.TOUCH_WRITE -> touch(t, op == Op.TOUCH_WRITE, t.ops.b(t.at));
            case Op.RETOUCH_READ, Op.RETOUCH_WRITE -> touch(t, op == Op.RETOUCH_WRITE, 0);
            default -> t.mm.call(t.ops, t.at);
        }
        t.at++;
        if (t.over != (t.at == t.ops.size())) {
            throw new AssertionError("EXIT is not the last op");
        }
        return true;
    }

    private void touch(Task t, boolean write, long expected) {
        int n = t.mm.access(t.ops.a(t.at), t.ops.b(t.at), write);
        faults += n;
        if (n != expected) {
            throw new AssertionError("pid " + t.proc.pid() + " op " + t.at + " " + t.ops.describe(t.at) + ": " + n
                    + " faults instead of " + expected);
        }
    }
}

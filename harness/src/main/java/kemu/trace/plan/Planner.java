package kemu.trace.plan;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import kemu.hw.mem.PhysMem;
import kemu.trace.image.FileNamer;
import kemu.trace.image.ImagePlacer;
import kemu.trace.model.MappedFiles;
import kemu.trace.model.Op;
import kemu.trace.model.Proc;
import kemu.trace.model.ProcessImage;
import kemu.trace.model.ProgramBuilder;
import kemu.trace.model.Trace;
import kemu.trace.model.TraceForm;
import kemu.trace.model.TraceNotes;
import kemu.trace.strace.RawTask;
import kemu.trace.strace.StraceLog;

/**
 * Makes a {@link Trace} of a log: walks the process tree from its roots with the address space of each process, names
 * files, places images and adds page faults. A stretch (what a task does with one mm: from exec or fork to the next
 * exec or exit) is planned at an even pace; if memory for all its faults is not there when its turn comes, it is
 * planned again taking memory as soon as it is mapped, and if that does not suffice, reading every page before writing
 * it.
 */
public final class Planner {
    /** Ways to plan a stretch, each finding room for at least as many faults as the one before. */
    private enum Pace {
        EVEN,
        EARLY,
        TWICE
    }

    /**
     * Continue {@code task} at op {@code from} on this mm, or on none before an exec; {@code done} faults were planned
     * before.
     */
    private record Work(RawTask task, int from, Mm mm, int done) {}

    /** An address space with what tells its files apart. */
    private record Mm(MmModel space, FileNamer namer) {
        Mm fork() {
            return new Mm(space.fork(), namer.copy());
        }

        Mm copy() {
            return new Mm(space.copy(), namer.copy());
        }
    }

    private static final int SMALLEST_TOUCH = 4;
    /** Microseconds; a thousand centuries. */
    private static final long LATEST = 1L << 61;

    private static final int TOUCHES_PER_STRETCH = 48;

    private final StraceLog.Content log;
    private final FaultTable table;
    private final TraceNotes notes;
    private final MappedFiles files = new MappedFiles();
    private final List<ProcessImage> images = new ArrayList<>();
    private final ImagePlacer placer;
    private final ProgramBuilder[] programs;
    private final int[] planned;
    private final int[] left;
    private final ArrayDeque<Work> queue = new ArrayDeque<>();
    private final Repairs repairs = new Repairs();
    private final ThreadMemory threadMemory;
    private long disputed;

    private Planner(StraceLog.Content log, FaultTable table, TraceNotes notes) {
        this.log = log;
        this.table = table;
        this.notes = notes;
        this.placer = new ImagePlacer(files, log.paths());
        this.programs = new ProgramBuilder[log.tasks().size()];
        this.planned = new int[programs.length];
        this.left = new int[programs.length];
        this.threadMemory = new ThreadMemory(log.tasks());
    }

    /** Plans a whole log; without a table (null) every process gets the median of its executables. */
    public static Trace plan(String source, StraceLog.Content log, FaultTable table, TraceNotes notes) {
        Planner p = new Planner(log, table, notes);
        p.run();
        return p.result(source);
    }

    private void run() {
        long begin = log.tasks().get(0).startMicros();
        long missing = 0;
        for (RawTask t : log.tasks()) {
            programs[t.id()] = new ProgramBuilder();
            int faults = table == null ? -1 : table.faults(t.pid(), t.startMicros() - begin);
            missing += table != null && faults < 0 ? 1 : 0;
            left[t.id()] = t.isThread() ? 0 : faults >= 0 ? faults : guess(t);
        }
        notes.add("process not in the faults table: median of its executable taken", missing);
        for (RawTask t : log.tasks()) {
            if (t.parent() == null) {
                queue.add(new Work(t, 0, emptyMm(), 0));
                while (!queue.isEmpty()) {
                    follow(queue.poll());
                }
            }
        }
        long lost = 0;
        for (int n : left) {
            lost += n;
        }
        notes.add("faults without memory to take them in", lost);
        notes.add("call of a thread on memory that another maps: left out", disputed);
        repairs.note(notes);
    }

    /** All stretches of a task from one of its ops on. */
    private void follow(Work w) {
        ProgramBuilder ops = w.task.ops();
        Mm mm = w.mm;
        int from = w.from;
        planned[w.task.id()] += w.done;
        left[w.task.id()] -= w.done;
        while (true) {
            int end = stretchEnd(ops, from);
            if (mm != null) {
                stretch(w.task, from, end, mm, share(w.task, from, end));
            }
            if (ops.op(end) == Op.EXIT) {
                programs[w.task.id()].copy(ops, end);
                return;
            }
            mm = exec(w.task, end);
            from = end + 1;
        }
    }

    private Mm exec(RawTask task, int i) {
        ProcessImage image = placer.place(task.ops(), i);
        programs[task.id()].add(Op.EXEC, task.ops().gapMicros(i), images.size());
        images.add(image);
        return new Mm(new MmModel(image), new FileNamer(files, image.name()));
    }

    /** Plans ops {@code [from, end)} of a task on {@code mm}, at the first pace that finds room for {@code faults}. */
    private void stretch(RawTask task, int from, int end, Mm mm, int faults) {
        ProgramBuilder out = programs[task.id()];
        int mark = out.size();
        for (Pace pace : Pace.values()) {
            boolean last = pace == Pace.TWICE || faults == 0;
            long[] repaired = repairs.mark();
            long disputedBefore = disputed;
            List<Work> started = new ArrayList<>();
            Mm tried = last ? mm : mm.copy();
            int done = attempt(task, from, end, tried, faults, pace, started);
            if (done == faults || last) {
                settle(mm, tried);
                planned[task.id()] += done;
                left[task.id()] -= done;
                queue.addAll(started);
                return;
            }
            out.truncate(mark);
            repairs.undo(repaired);
            disputed = disputedBefore;
        }
    }

    private static void settle(Mm mm, Mm tried) {
        if (mm != tried) {
            mm.space.become(tried.space);
            mm.namer.become(tried.namer);
        }
    }

    private int attempt(RawTask task, int from, int end, Mm mm, int faults, Pace pace, List<Work> started) {
        ProgramBuilder ops = task.ops();
        ProgramBuilder out = programs[task.id()];
        Toucher toucher = new Toucher(pace == Pace.TWICE);
        int smallest = Math.max(SMALLEST_TOUCH, faults / TOUCHES_PER_STRETCH);
        int done = 0;
        for (int i = from; ; i++) {
            int due = pace == Pace.EVEN ? (int) ((long) faults * (i - from + 1) / (end - from + 1)) : faults;
            if (due - done >= smallest || i == end && due > done) {
                done += toucher.touch(mm.space, out, due - done);
            }
            if (i == end) {
                break;
            }
            step(task, ops, i, mm, started);
        }
        if (faults > 0) {
            toucher.walk(mm.space, out);
        }
        return done;
    }

    /** Copies one op, completed, and follows what it does to the mm. */
    private void step(RawTask task, ProgramBuilder ops, int i, Mm mm, List<Work> started) {
        ProgramBuilder out = programs[task.id()];
        byte op = ops.op(i);
        if (Op.creates(op) && ops.arg(i, 0) < 0) {
            out.add(Op.FAILED, ops.gapMicros(i), op, 0);
            return;
        }
        if ((op == Op.MPROTECT || op == Op.MREMAP || op == Op.MADVISE)
                && mm.space.isOffLimits(ops.arg(i, 0), ops.arg(i, 1))) {
            out.add(Op.FAILED, ops.gapMicros(i), op, 0);
            disputed++;
            return;
        }
        if (!repairs.prepare(ops, i, mm.space, out)) {
            return;
        }
        out.copy(ops, i);
        int at = out.size() - 1;
        if (op == Op.MMAP) {
            out.setArg(at, 4, file(ops, i, mm.namer));
        }
        if (!Op.creates(op)) {
            mm.space.apply(out, at);
            return;
        }
        RawTask child = log.tasks().get((int) ops.arg(i, 0));
        switch (op) {
            case Op.FORK -> started.add(new Work(child, 0, mm.fork(), 0));
            case Op.THREAD -> thread(child, mm, started);
            default -> borrowed(child, mm, started);
        }
    }

    private static int file(ProgramBuilder ops, int i, FileNamer namer) {
        return ops.arg(i, 4) == RawTask.NO_FILE
                ? -1
                : namer.file(ops.arg(i, 0), ops.arg(i, 1), (int) ops.arg(i, 3), ops.arg(i, 5));
    }

    /**
     * A vfork child until its exec, on its parent's mm while the parent is blocked. It touches memory only if it never
     * execs.
     */
    private void borrowed(RawTask child, Mm mm, List<Work> started) {
        programs[child.id()] = new ProgramBuilder();
        int end = stretchEnd(child.ops(), 0);
        int faults = child.ops().op(end) == Op.EXEC ? 0 : left[child.id()];
        int done = attempt(child, 0, end, mm, faults, Pace.EARLY, started);
        started.add(new Work(child, end, null, done));
    }

    /**
     * A thread is not planned: its order relative to the others is not known, so what it maps or unmaps is left alone
     * by all, and its children know nothing of its memory.
     */
    private void thread(RawTask thread, Mm mm, List<Work> started) {
        programs[thread.id()] = new ProgramBuilder();
        ProgramBuilder ops = thread.ops();
        ProgramBuilder out = programs[thread.id()];
        MmModel own = new MmModel();
        for (int i = 0; i < ops.size(); i++) {
            byte op = ops.op(i);
            boolean impossible = !possible(thread, ops, i, mm.space, own);
            disputed += impossible ? 1 : 0;
            if (impossible || op == Op.EXEC || Op.creates(op) && ops.arg(i, 0) < 0) {
                out.add(Op.FAILED, ops.gapMicros(i), op, 0);
                continue;
            }
            out.copy(ops, i);
            if (op == Op.MMAP) {
                out.setArg(out.size() - 1, 4, file(ops, i, mm.namer));
            }
            if (op >= Op.MMAP && op <= Op.MREMAP || op == Op.MADVISE) {
                own.apply(out, out.size() - 1);
                long start = ops.arg(i, 0) >> PhysMem.PAGE_SHIFT;
                mm.space.putOffLimits(start, start + (ops.arg(i, 1) >> PhysMem.PAGE_SHIFT));
            }
            if (op == Op.MREMAP) {
                long start = ops.arg(i, 3) >> PhysMem.PAGE_SHIFT;
                mm.space.putOffLimits(start, start + (ops.arg(i, 2) >> PhysMem.PAGE_SHIFT));
            }
            if (Op.creates(op)) {
                RawTask child = log.tasks().get((int) ops.arg(i, 0));
                switch (op) {
                    case Op.FORK -> started.add(new Work(child, 0, emptyMm(), 0));
                    case Op.THREAD -> thread(child, mm, started);
                    default -> borrowed(child, emptyMm(), started);
                }
            }
        }
    }

    /**
     * Whether a thread's call finds what it works on: memory that was there when the thread began, or that it mapped
     * itself, and that no other thread touches. The heap belongs to all of them, so nothing is said about it.
     */
    private boolean possible(RawTask thread, ProgramBuilder ops, int i, MmModel space, MmModel own) {
        long start = ops.arg(i, 0);
        return switch (ops.op(i)) {
            case Op.BRK -> start == 0;
            case Op.MUNMAP -> ops.arg(i, 1) > 0;
            case Op.MREMAP ->
                own.isOne(start, ops.arg(i, 1))
                        && own.holes(start, ops.arg(i, 1)).isEmpty();
            case Op.MPROTECT, Op.MADVISE -> {
                boolean there = true;
                for (long[] hole : space.holes(start, ops.arg(i, 1))) {
                    there &= own.holes(hole[0], hole[1] - hole[0]).isEmpty();
                }
                yield there && !threadMemory.disputed(thread, start, ops.arg(i, 1));
            }
            default -> true;
        };
    }

    private Mm emptyMm() {
        return new Mm(new MmModel(), new FileNamer(files, ""));
    }

    /** Faults that fall to the stretch: the task's, divided among its stretches as their medians are. */
    private int share(RawTask task, int from, int end) {
        int mine = median(task, from);
        int later = 0;
        for (int i = end; task.ops().op(i) == Op.EXEC; ) {
            int next = stretchEnd(task.ops(), i + 1);
            later += median(task, i + 1);
            i = next;
        }
        return later == 0 ? left[task.id()] : (int) ((long) left[task.id()] * mine / (mine + later));
    }

    private int guess(RawTask task) {
        int sum = 0;
        int from = 0;
        while (from < task.ops().size()) {
            int end = stretchEnd(task.ops(), from);
            sum += median(task, from);
            from = end + 1;
        }
        return sum;
    }

    private int median(RawTask task, int from) {
        if (from > 0) {
            int path = (int) task.ops().arg(from - 1, 0);
            return Medians.ofImage(ImagePlacer.baseName(log.paths().get(path)));
        }
        boolean forked = task.parent() != null && task.creation() == Op.FORK;
        return forked ? Medians.ofForked() : 0;
    }

    /** Index of the EXEC or EXIT that ends the stretch beginning at {@code from}. */
    private static int stretchEnd(ProgramBuilder ops, int from) {
        int i = from;
        while (ops.op(i) != Op.EXEC && ops.op(i) != Op.EXIT) {
            i++;
        }
        return i;
    }

    private Trace result(String source) {
        long begin = log.tasks().get(0).startMicros();
        List<Proc> procs = new ArrayList<>();
        for (RawTask t : log.tasks()) {
            int parent = t.parent() == null ? -1 : t.parent().id();
            // A clock that was set while strace ran goes back; the order of lines counts, not their times.
            long start = Math.clamp(t.startMicros() - begin, 0, LATEST);
            procs.add(new Proc(
                    t.id(),
                    t.pid(),
                    parent,
                    t.creation(),
                    name(t),
                    start,
                    Math.clamp(t.endMicros() - begin, start, LATEST),
                    programs[t.id()].build(),
                    planned[t.id()]));
        }
        TraceForm form = log.form().toForm();
        return new Trace(
                source,
                procs,
                images,
                log.paths(),
                files,
                notes,
                table == null ? form.lacking("page faults (medians taken)") : form);
    }

    private String name(RawTask t) {
        RawTask named = t;
        while (named.lastPath() < 0 && named.parent() != null) {
            named = named.parent();
        }
        return named.lastPath() < 0 ? "?" : ImagePlacer.baseName(log.paths().get(named.lastPath()));
    }
}

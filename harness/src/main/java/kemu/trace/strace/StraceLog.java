package kemu.trace.strace;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import kemu.trace.model.TraceException;
import kemu.trace.model.TraceNotes;

/** Reads a whole strace log, in whatever form strace wrote it, into tasks. */
public final class StraceLog {
    private static final String RECORD = "record with: strace -f -ttt -o log make";

    private final LogLines lines;
    private final boolean lenient;
    private final TraceNotes notes;
    private final Incarnations tasks = new Incarnations();
    private final LogForm form = new LogForm();
    private final CallParser calls;
    private final Owners owners;
    private final Splices splices;
    private final LinePrefix prefix = new LinePrefix();
    private final Scan s = new Scan();
    private boolean decided;
    private long sequence;
    private byte[] joined = new byte[1024];

    private StraceLog(LogLines lines, boolean lenient, TraceNotes notes) {
        this.lines = lines;
        this.lenient = lenient;
        this.notes = notes;
        this.calls = new CallParser(tasks, notes, form);
        this.owners = new Owners(tasks);
        this.splices = new Splices(form, owners, notes);
    }

    /**
     * What a log holds: all tasks by id, each ended by EXIT and with a parent unless it is a root, the paths execve was
     * given, and the form of the log.
     */
    public record Content(List<RawTask> tasks, List<String> paths, LogForm form) {}

    /**
     * Reads {@code file}, or the files of a folder or prefix; what is skipped or repaired is counted in {@code notes}.
     *
     * @throws TraceException at the first thing not understood, or if {@code lenient} only if nothing can be read at
     *     all
     */
    public static Content read(Path file, boolean lenient, TraceNotes notes) throws TraceException {
        if (isFolder(file)) {
            try (FolderLines lines = FolderLines.open(file)) {
                return read(lines, file.toString(), lenient, notes);
            } catch (IOException e) {
                throw new TraceException(file.toString(), 0, LogInput.reason(e));
            }
        }
        try (LineReader lines = new LineReader(LogInput.open(file))) {
            return read(lines, file.toString(), lenient, notes);
        } catch (IOException e) {
            throw new TraceException(file.toString(), 1, LogInput.reason(e));
        }
    }

    /** Whether {@code file} is a folder of logs of {@code strace -ff}, or the prefix of such logs. */
    public static boolean isFolder(Path file) {
        return FolderLines.isOne(file);
    }

    /** As {@link #read(Path, boolean, TraceNotes)}, from lines already open; {@code name} stands in messages. */
    public static Content read(LineReader lines, String name, boolean lenient, TraceNotes notes) throws TraceException {
        return read(LogLines.of(lines, name), name, lenient, notes);
    }

    private static Content read(LogLines lines, String name, boolean lenient, TraceNotes notes) throws TraceException {
        StraceLog log = new StraceLog(lines, lenient, notes);
        log.form.folder = lines instanceof FolderLines;
        log.readAll();
        log.finish(name);
        return new Content(log.tasks.tasks(), log.calls.paths(), log.form);
    }

    private void readAll() throws TraceException {
        try {
            while (lines.advance()) {
                LineReader at = lines.at();
                try {
                    line(at.buffer(), at.start(), at.end());
                } catch (Scan.Malformed e) {
                    if (at.terminated() && !lenient && splices.strict()) {
                        throw new TraceException(lines.file(), at.line(), e.getMessage());
                    }
                    notes.add(at.terminated() ? "skipped: " + e.getMessage() : "last line is cut off", 1);
                }
                int child = calls.takeCreated();
                if (child != 0) {
                    lines.created(child);
                }
            }
        } catch (IOException e) {
            long line = form.folder ? 0 : lines.at().line() + 1;
            if (!lenient) {
                throw new TraceException(lines.file(), line, LogInput.reason(e));
            }
            notes.add("skipped: " + LogInput.reason(e), 1);
        }
        splices.end();
    }

    private void line(byte[] b, int from, int lineEnd) throws Scan.Malformed, TraceException, IOException {
        int to = lineEnd;
        while (to > from && (b[to - 1] == '\r' || b[to - 1] == ' ' || b[to - 1] == '\t')) {
            to--;
        }
        if (to == from) {
            return;
        }
        prefix.parse(b, from, to);
        s.set(b, prefix.body, to);
        int shape = Shape.of(s);
        if (shape == Shape.FOREIGN || !ours(shape)) {
            foreign(b, from, to);
            return;
        }
        splices.abandon(lines.file(), lines.at().line(), lenient);
        form.lines++;
        form.line(prefix);
        long micros = lines.clock().at(prefix, sequence++);
        form.relative |= lines.clock().relative();
        RawTask task = owner(shape, micros);
        task.endMicros = micros;
        body(task, shape, micros);
    }

    /** Whether a line of strace's shape has the prefix that the lines of this log have. */
    private boolean ours(int shape) throws Scan.Malformed {
        if (!decided) {
            decided = true;
            form.pidColumn = prefix.pid > 0 && !prefix.bracket;
            form.clock = prefix.clock;
            form.digits = prefix.digits;
            if (!form.timed()) {
                tasks.untimed();
            }
        }
        boolean column = prefix.pid > 0 && !prefix.bracket;
        return shape != Shape.FOREIGN
                && (column == form.pidColumn || form.folder)
                && (prefix.clock != LinePrefix.NONE) == form.timed();
    }

    private RawTask owner(int shape, long micros) {
        int pid = lines.pid() != 0 && prefix.pid == 0 ? lines.pid() : prefix.pid;
        boolean fresh = shape == Shape.CALL;
        if (pid == 0) {
            return owners.unnamed(micros, fresh);
        }
        if (prefix.bracket) {
            owners.inBrackets(pid, s, shape);
        }
        return owners.named(pid, micros, fresh);
    }

    private void body(RawTask task, int shape, long micros) throws Scan.Malformed, TraceException, IOException {
        switch (shape) {
            case Shape.RESUMED -> resumed(task, micros);
            case Shape.ENDED -> ended(task, micros);
            case Shape.SIGNAL -> {
                if (splices.strict() && !s.endsWith(" ---")) {
                    throw new Scan.Malformed("signal line is cut off");
                }
            }
            default -> call(task, micros);
        }
    }

    private void call(RawTask task, long micros) throws Scan.Malformed {
        int half = Shape.unfinishedAt(s);
        if (half >= 0) {
            if (task.openLength != 0 && splices.strict()) {
                throw new Scan.Malformed("a second call is unfinished");
            }
            task.open(s.b, s.pos, half, micros);
            return;
        }
        if (Shape.neverReturned(s)) {
            task.openLength = 0;
            return;
        }
        long took = duration();
        if (Shape.resultAt(s) < 0) {
            if (splices.begin(task, s, micros, lines.at().line(), prefix.body == s.pos)) {
                return;
            }
            throw new Scan.Malformed("call without a result");
        }
        if (task.openLength != 0) {
            task.openLength = 0;
            if (splices.strict()) {
                throw new Scan.Malformed("a call while another is unfinished");
            }
        }
        if (!lines.at().terminated() && s.b[s.end - 1] != '?' && s.b[s.end - 1] != ')') {
            // A number that the end of the file may have cut short says nothing.
            throw new Scan.Malformed("call without a result");
        }
        calls.parse(task, s.b, s.pos, s.end, 0, micros, micros + took);
    }

    /** Takes {@code <0.000012>} (-T) off the end; microseconds, 0 if it is not there. */
    private long duration() {
        int i = s.end - 1;
        if (i <= s.pos || s.b[i] != '>' || s.b[i - 1] < '0' || s.b[i - 1] > '9') {
            return 0;
        }
        int point = -1;
        for (i--; i > s.pos && (s.b[i] >= '0' && s.b[i] <= '9' || s.b[i] == '.'); i--) {
            point = s.b[i] == '.' ? i : point;
        }
        if (point < 0 || s.b[i] != '<' || s.end - 1 - point > 10 || point - i > 10) {
            return 0;
        }
        long n = 0;
        for (int k = i + 1; k < point; k++) {
            n = n * 10 + (s.b[k] - '0');
        }
        long micros = n * 1_000_000;
        long unit = 100_000;
        for (int k = point + 1; k < s.end - 1; k++) {
            micros += (s.b[k] - '0') * unit;
            unit /= 10;
        }
        form.durations = true;
        s.end = i;
        while (s.end > s.pos && s.b[s.end - 1] == ' ') {
            s.end--;
        }
        return form.timed() ? micros : 0;
    }

    private void resumed(RawTask task, long micros) throws Scan.Malformed {
        int name = s.pos + 5;
        int nameEnd = s.find(" resumed>");
        s.pos = nameEnd + 9;
        duration();
        int half = task.openLength;
        if (half == 0) {
            boolean cut = task.ops().size() == 0;
            if (splices.strict() && !cut) {
                throw new Scan.Malformed("resumed without unfinished");
            }
            notes.add("second half of a call whose first half is not in the log", 1);
            calls.parseRest(task, s.b, name, nameEnd, s.end, micros);
            return;
        }
        task.openLength = 0;
        int rest = s.end - s.pos;
        join(task.open, half, s.b, s.pos, rest);
        for (int i = name; i < nameEnd; i++) {
            if (i - name >= half || joined[i - name] != s.b[i]) {
                if (!splices.strict()) {
                    return;
                }
                throw new Scan.Malformed("resumed call is not the unfinished one");
            }
        }
        s.set(joined, 0, half + rest);
        if (Shape.unfinishedAt(s) >= 0) {
            task.open(joined, 0, Shape.unfinishedAt(s), task.openAt);
        } else if (Shape.resultAt(s) >= 0) {
            calls.parse(task, joined, 0, half + rest, task.openSpliced ? half : 0, task.openAt, micros);
        } else if (!splices.begin(task, s, task.openAt, lines.at().line(), false)) {
            throw new Scan.Malformed("call without a result");
        }
    }

    private void join(byte[] a, int n, byte[] b, int from, int m) {
        if (joined.length < n + m) {
            joined = new byte[(n + m) * 2];
        }
        System.arraycopy(a, 0, joined, 0, n);
        System.arraycopy(b, from, joined, n, m);
    }

    private void ended(RawTask task, long micros) throws Scan.Malformed, IOException {
        int status;
        s.pos += 4;
        if (s.skip("exited with ")) {
            status = (int) Math.min(s.decimal("bad exit status"), 255);
        } else if (s.skip("killed by ")) {
            int to = s.wordEnd();
            notes.add(Remarks.KILLED + s.text(s.pos, Math.min(to, s.pos + 16)), 1);
            status = 128;
            s.pos = to;
            s.skip(" (core dumped)");
        } else if (s.skip("superseded by execve in pid ")) {
            owners.supersede(task, (int) Math.min(s.decimal("bad pid"), Integer.MAX_VALUE), micros);
            return;
        } else {
            throw new Scan.Malformed("neither exited nor killed");
        }
        s.expect(" +++", "exit line is cut off");
        task.end(status, micros, micros);
        lines.ended();
    }

    /** A line that is not strace's, or the rest of one that was torn apart. */
    private void foreign(byte[] b, int from, int to) throws Scan.Malformed, TraceException, IOException {
        boolean prefixed = prefix.pid > 0 && prefix.clock != LinePrefix.NONE && form.timed() && form.pidColumn;
        if (decided && prefixed && splices.strict()) {
            throw new Scan.Malformed("neither a call, a signal nor an exit");
        }
        s.set(b, from, to);
        duration();
        switch (splices.foreign(s)) {
            case Splices.WHOLE -> {
                RawTask t = splices.task();
                calls.parse(t, splices.text(), 0, splices.length(), splices.splice(), splices.entry(), t.endMicros);
            }
            case Splices.HIDDEN -> line(b, splices.hiddenAt(), to);
            default -> {}
        }
    }

    private void finish(String name) throws TraceException {
        LineReader at = form.folder ? null : lines.at();
        long line = at == null ? 0 : Math.max(at.line(), 1);
        if (form.lines == 0) {
            throw new TraceException(
                    name,
                    line,
                    form.summary
                            ? "summary of strace -c without calls; " + RECORD
                            : "no line of strace in it; " + RECORD);
        }
        calls.finish();
        if (form.creations + form.execs + form.waits + form.memory == 0) {
            throw new TraceException(
                    name, line, "no call in it that can be replayed (clone, execve, wait4, mmap, brk, ...); " + RECORD);
        }
        owners.nameTheUnnamed(form.ownPid);
        new Settlement(tasks, notes).run(() -> calls.path(Remarks.ATTACHED_PATH));
        form.conclude(tasks.tasks(), notes);
    }
}

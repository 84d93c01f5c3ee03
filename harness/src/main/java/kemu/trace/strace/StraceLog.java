package kemu.trace.strace;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import kemu.trace.Op;
import kemu.trace.TraceException;
import kemu.trace.TraceNotes;

/** Reads a whole strace log ({@code -f -ttt}) into tasks. */
public final class StraceLog {
    private static final String UNFINISHED = " <unfinished ...>";

    private final String file;
    private final boolean lenient;
    private final TraceNotes notes;
    private final TaskTable tasks = new TaskTable();
    private final CallParser calls;
    private final Scan s = new Scan();
    private byte[] joined = new byte[1024];

    private StraceLog(String file, boolean lenient, TraceNotes notes) {
        this.file = file;
        this.lenient = lenient;
        this.notes = notes;
        this.calls = new CallParser(tasks, notes);
    }

    /**
     * What a log holds: all tasks by id, each ended by EXIT and with a parent unless it is a root, and the paths execve
     * was given.
     */
    public record Content(List<RawTask> tasks, List<String> paths) {}

    /**
     * Reads {@code file}; what is skipped or repaired is counted in {@code notes}.
     *
     * @throws TraceException at the first thing not understood, or if {@code lenient} only if nothing can be read at
     *     all
     */
    public static Content read(Path file, boolean lenient, TraceNotes notes) throws TraceException {
        try (LineReader lines = new LineReader(LogInput.open(file))) {
            return read(lines, file.toString(), lenient, notes);
        } catch (IOException e) {
            throw new TraceException(file.toString(), 1, LogInput.reason(e));
        }
    }

    /** As {@link #read(Path, boolean, TraceNotes)}, from lines already open; {@code name} stands in messages. */
    public static Content read(LineReader lines, String name, boolean lenient, TraceNotes notes) throws TraceException {
        StraceLog log = new StraceLog(name, lenient, notes);
        log.readAll(lines);
        log.finish(lines.line());
        return new Content(log.tasks.tasks(), log.calls.paths());
    }

    private void readAll(LineReader lines) throws TraceException {
        try {
            while (lines.advance()) {
                try {
                    if (!lines.terminated()) {
                        throw new Scan.Malformed("line is cut off (no newline at the end of the file)");
                    }
                    line(lines.buffer(), lines.start(), lines.end());
                } catch (Scan.Malformed e) {
                    problem(lines.line(), e.getMessage());
                }
            }
        } catch (IOException e) {
            problem(lines.line() + 1, LogInput.reason(e));
        }
    }

    private void problem(long line, String reason) throws TraceException {
        if (!lenient) {
            throw new TraceException(file, line, reason);
        }
        notes.add("skipped: " + reason, 1);
    }

    private void line(byte[] b, int from, int to) throws Scan.Malformed {
        s.set(b, from, to);
        long number = s.decimal("line does not begin with a pid");
        int pid = (int) Math.min(number, Integer.MAX_VALUE);
        s.blanks();
        long micros = s.decimal("no time after the pid") * 1_000_000;
        s.expect(".", "time is not SECONDS.MICROSECONDS (strace -ttt)");
        int fraction = s.pos;
        micros += s.decimal("time is not SECONDS.MICROSECONDS (strace -ttt)");
        if (s.pos - fraction != 6) {
            throw new Scan.Malformed("time is not SECONDS.MICROSECONDS (strace -ttt)");
        }
        s.expect(" ", "nothing after the time");
        if (pid <= 0 || s.pos == s.end) {
            throw new Scan.Malformed(pid <= 0 ? "pid is not positive" : "nothing after the time");
        }
        RawTask task = tasks.at(pid, micros);
        task.endMicros = micros;
        if (s.startsWith("<... ")) {
            resumed(task, micros);
        } else if (s.startsWith("+++ ")) {
            exited(task, micros);
        } else if (s.startsWith("--- ")) {
            if (!s.startsWith(to - 4, " ---")) {
                throw new Scan.Malformed("signal line is cut off");
            }
        } else if (s.startsWith(to - UNFINISHED.length(), UNFINISHED)) {
            if (task.openLength != 0) {
                throw new Scan.Malformed("a second call is unfinished");
            }
            task.open(b, s.pos, to - UNFINISHED.length(), micros);
        } else {
            if (task.openLength != 0) {
                throw new Scan.Malformed("a call while another is unfinished");
            }
            calls.parse(task, b, s.pos, to, micros, micros);
        }
    }

    private void resumed(RawTask task, long micros) throws Scan.Malformed {
        s.pos += 5;
        int name = s.pos;
        int nameEnd = s.wordEnd();
        s.pos = nameEnd;
        s.expect(" resumed>", "bad resumed line");
        int half = task.openLength;
        if (half == 0) {
            throw new Scan.Malformed("resumed without unfinished");
        }
        task.openLength = 0;
        int rest = s.end - s.pos;
        if (joined.length < half + rest) {
            joined = new byte[(half + rest) * 2];
        }
        System.arraycopy(task.open, 0, joined, 0, half);
        System.arraycopy(s.b, s.pos, joined, half, rest);
        for (int i = name; i < nameEnd; i++) {
            if (i - name >= half || joined[i - name] != s.b[i]) {
                throw new Scan.Malformed("resumed call is not the unfinished one");
            }
        }
        calls.parse(task, joined, 0, half + rest, task.openAt, micros);
    }

    private void exited(RawTask task, long micros) throws Scan.Malformed {
        int status;
        s.pos += 4;
        if (s.skip("exited with ")) {
            status = (int) s.decimal("bad exit status");
        } else if (s.skip("killed by ")) {
            int to = s.wordEnd();
            notes.add("killed by " + s.text(s.pos, to), 1);
            status = 128;
            s.pos = to;
            s.skip(" (core dumped)");
        } else {
            throw new Scan.Malformed("neither exited nor killed");
        }
        s.expect(" +++", "exit line is cut off");
        end(task, status, micros, micros);
    }

    private static void end(RawTask task, int status, long entry, long now) {
        task.openLength = 0;
        CallParser.joinThreads(task);
        task.ops().add(Op.EXIT, task.gap(entry, now), status);
        task.stamp(entry);
        task.ended = true;
    }

    private void finish(long lines) throws TraceException {
        RawTask running = tasks.firstRunning();
        if (running != null) {
            long n = tasks.tasks().stream().filter(t -> !t.ended).count();
            if (!lenient) {
                throw new TraceException(
                        file, lines, "log ends while " + n + " processes still run (first: pid " + running.pid + ")");
            }
            notes.add("still running at the end of the log: ended there", n);
            for (RawTask t : tasks.tasks()) {
                if (!t.ended) {
                    end(t, 0, t.endMicros, t.endMicros);
                }
            }
        }
        if (tasks.tasks().isEmpty()) {
            throw new TraceException(file, Math.max(lines, 1), "no process in it");
        }
        tasks.settle(notes);
    }
}

package kemu.trace.strace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kemu.trace.model.Op;
import kemu.trace.model.ProgramBuilder;

/**
 * One incarnation of a pid while a log is read: its calls in order, with what a {@link kemu.trace.model.Program} does
 * not keep. In MMAP the file argument is {@link #SOME_FILE} or {@link #NO_FILE}, in EXEC the argument is a path index,
 * child arguments are task ids.
 */
public final class RawTask {
    /** File argument of an anonymous mapping. */
    public static final long NO_FILE = -1;
    /** File argument of a file mapping: which file is found out later. */
    public static final long SOME_FILE = -2;

    final int id;
    /** 0 as long as the log has not told it. */
    int pid;

    final long startMicros;
    final RawTask earlier;
    final List<RawTask> threads = new ArrayList<>();
    private final ProgramBuilder ops = new ProgramBuilder();
    private long[] startedAt = new long[16];

    RawTask parent;
    byte creation;
    long endMicros;
    long idleSince;
    boolean ended;
    boolean reaped;
    boolean adopted;
    /** Whether it called exit: older logs have no line for the end itself. */
    boolean exiting;

    int exitStatus;
    /** Whether the log has no line of it, only the call that created it. */
    boolean lineless;
    /** The process that waited for it although the log does not say who created it, or null. */
    RawTask waitedBy;
    /** False if the log has no times: then they count lines, and gaps mean nothing. */
    final boolean timed;

    int lastPath = -1;

    byte[] open = new byte[0];
    int openLength;
    /** Whether what the program wrote may stand at the end of it. */
    boolean openSpliced;

    long openAt;

    RawTask(int id, int pid, long startMicros, RawTask earlier, boolean timed) {
        this.id = id;
        this.pid = pid;
        this.startMicros = startMicros;
        this.endMicros = startMicros;
        this.idleSince = startMicros;
        this.earlier = earlier;
        this.timed = timed;
    }

    /** Index in the log's list. */
    public int id() {
        return id;
    }

    /** Recorded pid. */
    public int pid() {
        return pid;
    }

    /** Whether the log holds a line of it; if not, its program is an exit only. */
    public boolean hasLines() {
        return !lineless;
    }

    /** Creator, or null. */
    public RawTask parent() {
        return parent;
    }

    /** FORK, VFORK, SPAWN or THREAD. */
    public byte creation() {
        return creation;
    }

    /** Whether it lives in its creator's thread group. */
    public boolean isThread() {
        return parent != null && creation == Op.THREAD;
    }

    /** Calls so far; {@link Op#EXIT} is the last. */
    public ProgramBuilder ops() {
        return ops;
    }

    /** First line, microseconds; counted lines if the log has no times. */
    public long startMicros() {
        return startMicros;
    }

    /** Last line, as {@link #startMicros}. */
    public long endMicros() {
        return endMicros;
    }

    /** Path index of its last successful execve, or -1. */
    public int lastPath() {
        return lastPath;
    }

    /** The process it belongs to: itself unless it is a thread. */
    public RawTask process() {
        return leader();
    }

    RawTask leader() {
        RawTask t = this;
        while (t.isThread()) {
            t = t.parent;
        }
        return t;
    }

    /** Gap before a call that was entered then; the call is over at {@code now}. */
    int gap(long entry, long now) {
        long gap = Math.max(0, entry - idleSince);
        idleSince = now;
        return timed ? (int) Math.min(gap, Integer.MAX_VALUE) : 0;
    }

    /** Remembers when the op just added was entered. */
    void stamp(long entry) {
        int i = ops.size() - 1;
        if (i >= startedAt.length) {
            startedAt = Arrays.copyOf(startedAt, Math.max(i + 1, startedAt.length * 2));
        }
        startedAt[i] = entry;
    }

    /** Index of the first op entered after that time, EXIT at the latest. */
    int indexAt(long micros) {
        int i = 0;
        while (i < ops.size() - 1 && startedAt[i] <= micros) {
            i++;
        }
        return i;
    }

    /** Inserts an op nobody recorded, keeping the times aligned. */
    void insert(int index, byte op, long a) {
        long at = index < startedAt.length ? startedAt[index] : endMicros;
        ops.insert(index, op, a);
        if (startedAt.length < ops.size()) {
            startedAt = Arrays.copyOf(startedAt, ops.size() * 2);
        }
        System.arraycopy(startedAt, index, startedAt, index + 1, ops.size() - 1 - index);
        startedAt[index] = at;
    }

    /** Keeps the first half of a split call. */
    void open(byte[] b, int from, int to, long entry) {
        if (open.length < to - from) {
            open = new byte[Math.max(to - from, 128)];
        }
        System.arraycopy(b, from, open, 0, to - from);
        openLength = to - from;
        openAt = entry;
        openSpliced = false;
    }

    /** Ends its program. */
    void end(int status, long entry, long now) {
        openLength = 0;
        joinThreads();
        ops.add(Op.EXIT, gap(entry, now), status);
        stamp(entry);
        ended = true;
    }

    /** Exec and exit end the other threads: the process goes on when they are gone. */
    void joinThreads() {
        if (!isThread()) {
            for (RawTask thread : threads) {
                ops.add(Op.JOIN, 0, thread.id);
                stamp(idleSince);
            }
            threads.clear();
        }
    }
}

package kemu.trace.stat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kemu.trace.model.Op;
import kemu.trace.model.Proc;
import kemu.trace.model.Program;
import kemu.trace.model.Trace;
import kemu.trace.strace.Remarks;

/** Figures of a trace as a whole. */
public final class TraceStat {
    /** Upper bounds of the lifetime histogram in milliseconds; a last bucket holds the rest. */
    static final int[] LIFETIME_MS = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000};

    private static final byte[] CALLS = {
        Op.MMAP, Op.MUNMAP, Op.MPROTECT, Op.MREMAP, Op.BRK, Op.MADVISE, Op.VFORK, Op.SPAWN, Op.FORK, Op.THREAD
    };

    private final Trace trace;
    private final long[] ops = new long[Op.COUNT];
    private final long[] pages = new long[Op.COUNT];
    private final long[] failed = new long[Op.COUNT];
    private final Map<Integer, Long> exitCodes = new TreeMap<>();
    private final long[] lifetimes = new long[LIFETIME_MS.length + 1];
    private final List<ImageStats.Row> images;
    private long mappedBytes;
    private long heapGrowthBytes;
    private int maxLive;
    private int depth;

    private TraceStat(Trace trace) {
        this.trace = trace;
        this.images = ImageStats.of(trace);
        for (int i = 0; i < trace.procCount(); i++) {
            count(trace.proc(i));
        }
        measureLive();
        measureDepth();
    }

    /** Goes through the whole trace once. */
    public static TraceStat of(Trace trace) {
        return new TraceStat(trace);
    }

    /** The trace described. */
    public Trace trace() {
        return trace;
    }

    /** Ops of a kind of {@link Op}. */
    public long ops(int op) {
        return ops[op];
    }

    /** Pages in the ops of a TOUCH or RETOUCH kind. */
    public long pages(int op) {
        return pages[op];
    }

    /** Processes, threads not counted. */
    public int processes() {
        return trace.procCount() - trace.threadCount();
    }

    /** Processes that the log has lines of. */
    public long recordedProcesses() {
        return processes() - trace.notes().count(Remarks.NO_LINES);
    }

    /** Threads that the log has lines of. */
    public long recordedThreads() {
        return trace.threadCount() - trace.notes().count(Remarks.NO_LINES_THREAD);
    }

    /** Recorded execves that worked; the images made up for attached roots are none. */
    public long execs() {
        return ops[Op.EXEC] - trace.notes().count(Remarks.ATTACHED);
    }

    /** Tasks that a signal killed. */
    public long kills() {
        return trace.notes().counts().entrySet().stream()
                .filter(e -> e.getKey().startsWith(Remarks.KILLED))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    /** Tasks that the log sees exit. */
    public long exits() {
        return recordedProcesses() + recordedThreads() - kills() - trace.notes().count(Remarks.STILL_RUNNING);
    }

    /** Whether the trace has recorded times. */
    public boolean timed() {
        return trace.notes().count(Remarks.NO_TIMES) == 0;
    }

    /** Recorded system calls by name, failed and interrupted ones included. */
    public Map<String, Long> calls() {
        Map<String, Long> m = new LinkedHashMap<>();
        m.put("execve", execs() + ops[Op.EXEC_FAIL] + failed[Op.EXEC]);
        for (byte op : CALLS) {
            m.put(callName(op), ops[op] + failed[op]);
        }
        m.put("wait4", ops[Op.WAIT] + ops[Op.WAIT_NONE]);
        m.put("exit_group", (long) processes());
        return m;
    }

    /** Bytes of all successful mmaps, whole pages. */
    public long mappedBytes() {
        return mappedBytes;
    }

    /** Bytes by which brk grew heaps. */
    public long heapGrowthBytes() {
        return heapGrowthBytes;
    }

    /** Most processes between their first and last line at the same time. */
    public int maxLive() {
        return maxLive;
    }

    /** Longest chain of creations, the root being 0. */
    public int depth() {
        return depth;
    }

    /** Processes by exit status. */
    public Map<Integer, Long> exitCodes() {
        return exitCodes;
    }

    /** Processes by lifetime; the last value belongs to those longer than every bound. */
    public long[] lifetimes() {
        return lifetimes.clone();
    }

    /** One row for each kind of image. */
    public List<ImageStats.Row> images() {
        return images;
    }

    private static String callName(byte op) {
        return switch (op) {
            case Op.FORK -> "clone (fork)";
            case Op.SPAWN -> "clone (vm, vfork)";
            case Op.THREAD -> "clone (thread)";
            default -> Op.name(op);
        };
    }

    private void count(Proc p) {
        Program program = p.program();
        long heap = 0;
        for (int i = 0; i < program.size(); i++) {
            byte op = program.op(i);
            ops[op]++;
            switch (op) {
                case Op.TOUCH_READ, Op.TOUCH_WRITE, Op.RETOUCH_READ, Op.RETOUCH_WRITE -> pages[op] += program.b(i);
                case Op.FAILED -> failed[(int) program.a(i)]++;
                case Op.MMAP -> mappedBytes += program.b(i);
                case Op.BRK -> {
                    heapGrowthBytes += heap == 0 ? 0 : Math.max(0, program.b(i) - heap);
                    heap = program.b(i);
                }
                case Op.EXEC -> heap = 0;
                default -> {}
            }
        }
        if (!p.isThread()) {
            exitCodes.merge((int) program.a(program.size() - 1), 1L, Long::sum);
            long micros = p.endMicros() - p.startMicros();
            int k = 0;
            while (k < LIFETIME_MS.length && micros >= LIFETIME_MS[k] * 1000L) {
                k++;
            }
            lifetimes[k]++;
        }
    }

    private void measureLive() {
        List<long[]> events = new ArrayList<>();
        for (int i = 0; i < trace.procCount(); i++) {
            Proc p = trace.proc(i);
            if (!p.isThread()) {
                events.add(new long[] {p.startMicros(), 1});
                events.add(new long[] {p.endMicros(), -1});
            }
        }
        events.sort(Comparator.comparingLong((long[] e) -> e[0]).thenComparingLong(e -> -e[1]));
        int live = 0;
        for (long[] e : events) {
            live += (int) e[1];
            maxLive = Math.max(maxLive, live);
        }
    }

    private void measureDepth() {
        int[] known = new int[trace.procCount()];
        int[] chain = new int[trace.procCount()];
        for (int i = 0; i < known.length; i++) {
            int n = 0;
            int p = i;
            while (p >= 0 && known[p] == 0 && n < chain.length) {
                chain[n++] = p;
                p = trace.proc(p).parent();
            }
            int d = p < 0 ? 0 : known[p];
            while (n > 0) {
                known[chain[--n]] = ++d;
            }
            depth = Math.max(depth, known[i] - 1);
        }
    }

    @Override
    public String toString() {
        return trace.source() + " " + Arrays.toString(ops);
    }
}

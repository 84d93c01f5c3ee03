package kemu.trace.stat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kemu.trace.model.Op;
import kemu.trace.model.Proc;
import kemu.trace.model.Program;
import kemu.trace.model.Trace;
import kemu.trace.plan.MmModel;

/**
 * One row for each kind of image instance: what a task does between an execve, or its creation, and the next execve or
 * exit. VMAs and private writable memory are those of the offline model, with the placed images.
 */
public final class ImageStats {
    /** Columns of a row, each with a median and a 90th percentile. */
    public static final List<String> COLUMNS =
            List.of("mmap", "munmap", "mprotect", "brk", "peak_vmas", "peak_private_writable_kib", "faults");

    private static final int VMAS = 4;
    private static final int PRIVATE = 5;
    private static final int FAULTS = 6;

    /** A kind of instance and the sorted values of every column. */
    public static final class Row {
        private final String name;
        private final List<long[]> instances = new ArrayList<>();
        private long[][] sorted;

        private Row(String name) {
            this.name = name;
        }

        /** Executable, with a suffix when it was forked or borrowed instead of exec'd. */
        public String name() {
            return name;
        }

        /** How many instances. */
        public int count() {
            return instances.size();
        }

        /** Value of a column below which {@code percent} of the instances lie. */
        public long percentile(int column, int percent) {
            long[] v = sorted[column];
            return v[Math.min(v.length - 1, v.length * percent / 100)];
        }

        private void sort() {
            sorted = new long[COLUMNS.size()][instances.size()];
            for (int c = 0; c < sorted.length; c++) {
                for (int i = 0; i < instances.size(); i++) {
                    sorted[c][i] = instances.get(i)[c];
                }
                Arrays.sort(sorted[c]);
            }
        }
    }

    private record Work(Proc proc, int from, MmModel mm, String image) {}

    private final Trace trace;
    private final Map<String, Row> rows = new HashMap<>();
    private final ArrayDeque<Work> queue = new ArrayDeque<>();

    private ImageStats(Trace trace) {
        this.trace = trace;
    }

    /** Rows of a trace, most instances first. */
    public static List<Row> of(Trace trace) {
        ImageStats s = new ImageStats(trace);
        for (int i = 0; i < trace.rootCount(); i++) {
            s.queue.add(new Work(trace.proc(trace.root(i)), 0, new MmModel(), ""));
        }
        while (!s.queue.isEmpty()) {
            s.follow(s.queue.poll());
        }
        List<Row> all = new ArrayList<>(s.rows.values());
        all.forEach(Row::sort);
        all.sort(Comparator.comparingInt((Row r) -> -r.count()).thenComparing(Row::name));
        return all;
    }

    private void follow(Work w) {
        Program ops = w.proc.program();
        MmModel mm = w.mm;
        String image = w.image;
        int from = w.from;
        while (true) {
            int end = mm == null ? from : stretch(w.proc, from, mm, image);
            if (ops.op(end) == Op.EXIT) {
                return;
            }
            mm = new MmModel(trace.image((int) ops.a(end)));
            image = trace.image((int) ops.a(end)).name();
            from = end + 1;
        }
    }

    /** Follows one stretch; returns the index of the EXEC or EXIT that ends it. */
    private int stretch(Proc proc, int from, MmModel mm, String image) {
        Program ops = proc.program();
        long[] v = new long[COLUMNS.size()];
        peaks(v, mm);
        int i = from;
        while (ops.op(i) != Op.EXEC && ops.op(i) != Op.EXIT) {
            byte op = ops.op(i);
            mm.apply(ops, i);
            switch (op) {
                case Op.MMAP -> v[0]++;
                case Op.MUNMAP -> v[1]++;
                case Op.MPROTECT -> v[2]++;
                case Op.BRK -> v[3]++;
                case Op.TOUCH_READ, Op.TOUCH_WRITE -> v[FAULTS] += ops.b(i);
                case Op.FORK -> queue.add(new Work(child(ops, i), 0, mm.fork(), image + " [forked]"));
                case Op.VFORK, Op.SPAWN -> {
                    Proc child = child(ops, i);
                    int end = stretch(child, 0, mm, image + " [vfork child before exec]");
                    queue.add(new Work(child, end, null, ""));
                }
                default -> {}
            }
            if (op >= Op.MMAP && op <= Op.BRK) {
                peaks(v, mm);
            }
            i++;
        }
        if (!image.isEmpty()) {
            rows.computeIfAbsent(image, Row::new).instances.add(v);
        }
        return i;
    }

    private Proc child(Program ops, int i) {
        return trace.proc((int) ops.a(i));
    }

    private static void peaks(long[] v, MmModel mm) {
        v[VMAS] = Math.max(v[VMAS], mm.vmaCount());
        v[PRIVATE] = Math.max(v[PRIVATE], mm.privateWritablePages() * 4);
    }
}

package kemu.trace.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kemu.trace.model.MappedFiles;
import kemu.trace.model.Op;
import kemu.trace.model.Proc;
import kemu.trace.model.ProcessImage;
import kemu.trace.model.Program;
import kemu.trace.model.ProgramBuilder;
import kemu.trace.model.Trace;
import kemu.trace.model.TraceForm;
import kemu.trace.model.TraceNotes;

/**
 * Writes and reads the content of a compact file: notes, paths, files, images, tasks; arguments as differences to the
 * same argument of the last such op.
 */
final class TraceCodec {
    private static final int MAX_ARGS = 6;
    private static final int IMAGE_WORDS = 6;

    private static final int MAX_NOTES = 1 << 16;
    private static final int MAX_NAMES = 1 << 20;
    private static final int MAX_TASKS = 1 << 22;
    private static final int MAX_SEGMENTS = 64;

    private TraceCodec() {}

    static VarBytes encode(Trace trace) {
        VarBytes out = new VarBytes();
        Map<String, Long> notes = new TreeMap<>(trace.notes().counts());
        out.putUnsigned(notes.size());
        notes.forEach((reason, n) -> {
            out.putString(reason);
            out.putUnsigned(n);
        });
        out.putUnsigned(trace.pathCount());
        for (int i = 0; i < trace.pathCount(); i++) {
            out.putString(trace.path(i));
        }
        out.putUnsigned(trace.files().size());
        for (int i = 0; i < trace.files().size(); i++) {
            out.putString(trace.files().name(i));
            out.putUnsigned(trace.files().pages(i));
        }
        out.putUnsigned(trace.imageCount());
        for (int i = 0; i < trace.imageCount(); i++) {
            encode(trace.image(i), out);
        }
        out.putUnsigned(trace.procCount());
        for (int i = 0; i < trace.procCount(); i++) {
            encode(trace.proc(i), out);
        }
        return out;
    }

    /** Reads what {@link #encode} wrote; {@code maxOps} are announced, more are not read. */
    static Trace decode(String source, VarBytes in, long maxOps) throws IOException {
        TraceNotes notes = new TraceNotes();
        for (int n = in.getCount("notes", MAX_NOTES); n > 0; n--) {
            notes.add(in.getString(), in.getPositive("count of a note"));
        }
        List<String> paths = new ArrayList<>();
        for (int n = in.getCount("paths", MAX_NAMES); n > 0; n--) {
            paths.add(in.getString());
        }
        MappedFiles files = new MappedFiles();
        for (int n = in.getCount("files", MAX_NAMES); n > 0; n--) {
            int known = files.size();
            if (files.intern(in.getString(), in.getPositive("length of a file")) != known) {
                throw new IOException("file " + known + " is there twice");
            }
        }
        List<ProcessImage> images = new ArrayList<>();
        for (int n = in.getCount("images", MAX_TASKS); n > 0; n--) {
            images.add(image(in, paths.size(), files.size()));
        }
        int count = in.getCount("tasks", MAX_TASKS);
        List<Proc> procs = new ArrayList<>();
        long left = maxOps;
        for (int id = 0; id < count; id++) {
            Proc proc = proc(in, id, count, left);
            left -= proc.program().size();
            procs.add(proc);
        }
        if (!in.exhausted()) {
            throw new IOException("more content than tasks");
        }
        Trace trace = new Trace(source, procs, images, paths, files, notes, TraceForm.STORED);
        TraceCheck.check(trace);
        return trace;
    }

    private static void encode(ProcessImage image, VarBytes out) {
        out.putSigned(image.path());
        out.putString(image.name());
        out.putUnsigned(image.heapStart());
        out.putUnsigned(image.segments());
        long before = 0;
        for (int i = 0; i < image.segments(); i++) {
            out.putSigned(image.kind(i));
            out.putSigned(image.start(i) - before);
            out.putUnsigned(image.length(i));
            out.putSigned(image.prot(i));
            out.putSigned(image.file(i));
            out.putUnsigned(image.offset(i));
            before = image.start(i) + image.length(i);
        }
    }

    private static ProcessImage image(VarBytes in, int paths, int files) throws IOException {
        int path = in.getInt(0, paths - 1, "path");
        String name = in.getString();
        long heap = in.getPositive("start of the heap");
        int segments = in.getCount("segments", MAX_SEGMENTS);
        long[] words = new long[segments * IMAGE_WORDS];
        long before = 0;
        for (int i = 0; i < words.length; i += IMAGE_WORDS) {
            words[i] = in.getInt(ProcessImage.EXE, ProcessImage.VDSO, "segment kind");
            words[i + 1] = before + in.getSigned();
            words[i + 2] = in.getPositive("length of a segment");
            words[i + 3] = in.getInt(0, 7, "protection");
            words[i + 4] = in.getInt(-1, files - 1, "file");
            words[i + 5] = in.getPositive("offset of a segment");
            before = words[i + 1] + words[i + 2];
        }
        return new ProcessImage(path, name, heap, words);
    }

    private static void encode(Proc p, VarBytes out) {
        out.putSigned(p.pid());
        out.putSigned(p.parent());
        out.putByte(p.creation());
        out.putString(p.name());
        out.putUnsigned(p.startMicros());
        out.putUnsigned(p.endMicros() - p.startMicros());
        out.putSigned(p.plannedFaults());
        Program ops = p.program();
        out.putUnsigned(ops.size());
        long[][] last = new long[Op.COUNT][MAX_ARGS];
        for (int i = 0; i < ops.size(); i++) {
            byte op = ops.op(i);
            out.putByte(op);
            out.putUnsigned(ops.gapMicros(i));
            for (int k = 0; k < Op.args(op); k++) {
                out.putSigned(ops.arg(i, k) - last[op][k]);
                last[op][k] = ops.arg(i, k);
            }
        }
    }

    private static Proc proc(VarBytes in, int id, int tasks, long maxOps) throws IOException {
        int pid = in.getInt(1, Integer.MAX_VALUE, "pid");
        int parent = in.getInt(-1, tasks - 1, "parent");
        int creation = in.getByte();
        if (creation < Op.FORK || creation > Op.THREAD) {
            throw new IOException("creation " + creation + " out of range");
        }
        String name = in.getString();
        long start = in.getPositive("start of a task");
        long end = start + in.getPositive("duration of a task");
        int faults = in.getInt(0, Integer.MAX_VALUE, "faults");
        ProgramBuilder ops = new ProgramBuilder();
        long[][] last = new long[Op.COUNT][MAX_ARGS];
        int size = in.getCount("ops", Integer.MAX_VALUE);
        if (size > maxOps) {
            throw new IOException("more ops than the header says");
        }
        for (int n = size; n > 0; n--) {
            int op = in.getByte();
            if (op < 0 || op >= Op.COUNT) {
                throw new IOException("op " + op + " out of range");
            }
            int gap = (int) Math.min(in.getPositive("gap"), Integer.MAX_VALUE);
            long[] args = last[op];
            for (int k = 0; k < Op.args(op); k++) {
                args[k] += in.getSigned();
            }
            ops.add((byte) op, gap, args);
        }
        return new Proc(id, pid, parent, (byte) creation, name, start, end, ops.build(), faults);
    }
}

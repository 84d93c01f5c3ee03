package kemu.trace.model;

import java.util.List;

/** A recorded process tree with everything needed to replay it. Immutable. */
public final class Trace {
    private final String source;
    private final List<Proc> procs;
    private final int[] roots;
    private final List<ProcessImage> images;
    private final List<String> paths;
    private final MappedFiles files;
    private final TraceNotes notes;
    private final TraceForm form;

    /** A trace made of input of {@code form}; {@code source} names the input in reports. */
    public Trace(
            String source,
            List<Proc> procs,
            List<ProcessImage> images,
            List<String> paths,
            MappedFiles files,
            TraceNotes notes,
            TraceForm form) {
        this.source = source;
        this.procs = List.copyOf(procs);
        this.roots =
                procs.stream().filter(p -> p.parent() < 0).mapToInt(Proc::id).toArray();
        this.images = List.copyOf(images);
        this.paths = List.copyOf(paths);
        this.files = files;
        this.notes = notes;
        this.form = form;
    }

    /** Where it came from. */
    public String source() {
        return source;
    }

    /** Tasks, threads included. */
    public int procCount() {
        return procs.size();
    }

    /** Task by id, 0-based. */
    public Proc proc(int id) {
        return procs.get(id);
    }

    /** How many tasks nobody in the trace created; normally 1. */
    public int rootCount() {
        return roots.length;
    }

    /** Id of root {@code i}. */
    public int root(int i) {
        return roots[i];
    }

    /** Images of all successful execs together. */
    public int imageCount() {
        return images.size();
    }

    /** Image by index, as EXEC gives it. */
    public ProcessImage image(int i) {
        return images.get(i);
    }

    /** Number of different paths given to execve. */
    public int pathCount() {
        return paths.size();
    }

    /** Path given to execve. */
    public String path(int i) {
        return paths.get(i);
    }

    /** Files mapped. */
    public MappedFiles files() {
        return files;
    }

    /** What reading and planning had to note. */
    public TraceNotes notes() {
        return notes;
    }

    /** What it was read from. */
    public TraceForm form() {
        return form;
    }

    /** Threads among the tasks. */
    public int threadCount() {
        int n = 0;
        for (Proc p : procs) {
            n += p.isThread() ? 1 : 0;
        }
        return n;
    }

    /** Faults that a replay takes without reclaim. */
    public long plannedFaults() {
        long n = 0;
        for (Proc p : procs) {
            n += p.plannedFaults();
        }
        return n;
    }

    /** Equal content; {@link #source} and {@link #form} do not count. */
    @Override
    public boolean equals(Object o) {
        return o instanceof Trace t
                && procs.equals(t.procs)
                && images.equals(t.images)
                && paths.equals(t.paths)
                && files.equals(t.files)
                && notes.equals(t.notes);
    }

    @Override
    public int hashCode() {
        return procs.size() * 31 + images.size();
    }
}

package kemu.trace.model;

import java.util.Arrays;

/**
 * The mm that a successful execve starts with: the segments of the executable, of ld.so, the stack, vvar and vdso, in
 * address order, without overlap. The log lists none of them; docs/TRACES.md says how they are placed.
 */
public final class ProcessImage {
    /** Kinds of segment. */
    public static final int EXE = 0;

    public static final int BSS = 1;
    public static final int LD_SO = 2;
    public static final int STACK = 3;
    public static final int VVAR = 4;
    public static final int VDSO = 5;

    static final int WORDS = 6;

    private final int path;
    private final String name;
    private final long heapStart;
    private final long[] segments;

    /** {@code segments}: six words each: kind, start, length, prot, file or -1, file offset. */
    public ProcessImage(int path, String name, long heapStart, long[] segments) {
        this.path = path;
        this.name = name;
        this.heapStart = heapStart;
        this.segments = segments.clone();
    }

    /** What execve was given, as an index for {@link Trace#path}. */
    public int path() {
        return path;
    }

    /** Last component of the path given to execve, cut to what the log shows. */
    public String name() {
        return name;
    }

    /** Where brk starts. */
    public long heapStart() {
        return heapStart;
    }

    /** Number of segments; each becomes one VMA. */
    public int segments() {
        return segments.length / WORDS;
    }

    /** EXE, BSS, LD_SO, STACK, VVAR or VDSO. */
    public int kind(int i) {
        return (int) segments[i * WORDS];
    }

    /** First address. */
    public long start(int i) {
        return segments[i * WORDS + 1];
    }

    /** Length in bytes. */
    public long length(int i) {
        return segments[i * WORDS + 2];
    }

    /** PROT_*. */
    public int prot(int i) {
        return (int) segments[i * WORDS + 3];
    }

    /** File mapped (privately), or -1 for anonymous memory. */
    public int file(int i) {
        return (int) segments[i * WORDS + 4];
    }

    /** Offset in the file, bytes. */
    public long offset(int i) {
        return segments[i * WORDS + 5];
    }

    long[] words() {
        return segments;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof ProcessImage x
                && path == x.path
                && heapStart == x.heapStart
                && name.equals(x.name)
                && Arrays.equals(segments, x.segments);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(segments);
    }
}

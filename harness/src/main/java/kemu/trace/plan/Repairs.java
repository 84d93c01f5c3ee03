package kemu.trace.plan;

import java.util.List;
import kemu.trace.model.Op;
import kemu.trace.model.ProgramBuilder;
import kemu.trace.model.Steps;
import kemu.trace.model.TraceNotes;

/**
 * Makes calls possible that the recording says worked although it does not hold what they work on: memory that was
 * mapped before the log begins, or by calls it lost, is mapped first. In a log without gaps there is nothing to do.
 */
final class Repairs {
    private static final int MADV_DONTNEED = 4;
    private static final int READ_WRITE = Op.PROT_READ | Op.PROT_WRITE;
    private static final int ANONYMOUS = Op.MAP_PRIVATE | Op.MAP_FIXED | Op.MAP_ANONYMOUS;

    private long mapped;
    private long replaced;

    /** The state to which {@link #undo} goes back when a stretch is planned again. */
    long[] mark() {
        return new long[] {mapped, replaced};
    }

    void undo(long[] mark) {
        mapped = mark[0];
        replaced = mark[1];
    }

    /** Tells how often it had to help. */
    void note(TraceNotes notes) {
        notes.add("memory in use that the log does not map: mapped first", mapped);
        notes.add("mremap of memory that the log does not map as one: done as mmap", replaced);
    }

    /**
     * Adds to {@code out} what op {@code i} needs, and follows it in {@code space}.
     *
     * @return false if the op must not follow: what was added does its work
     */
    boolean prepare(Steps ops, int i, MmModel space, ProgramBuilder out) {
        long start = ops.arg(i, 0);
        switch (ops.op(i)) {
            case Op.MPROTECT -> fill(space, out, start, ops.arg(i, 1));
            case Op.MADVISE -> {
                if (ops.arg(i, 2) == MADV_DONTNEED) {
                    fill(space, out, start, ops.arg(i, 1));
                }
            }
            case Op.MUNMAP -> {
                return ops.arg(i, 1) > 0;
            }
            case Op.MREMAP -> {
                return move(ops, i, space, out);
            }
            default -> {}
        }
        return true;
    }

    private void fill(MmModel space, ProgramBuilder out, long start, long length) {
        for (long[] hole : space.holes(start, length)) {
            map(space, out, hole[0], hole[1] - hole[0]);
            mapped++;
        }
    }

    private boolean move(Steps ops, int i, MmModel space, ProgramBuilder out) {
        long from = ops.arg(i, 0);
        long oldLength = ops.arg(i, 1);
        long newLength = ops.arg(i, 2);
        long to = ops.arg(i, 3);
        List<long[]> holes = space.holes(from, oldLength);
        boolean whole = holes.size() == 1 && holes.get(0)[0] == from && holes.get(0)[1] == from + oldLength;
        boolean apart = to + newLength <= from || from + oldLength <= to;
        boolean room =
                to == from ? newLength <= oldLength || space.isFree(from + oldLength, newLength - oldLength) : apart;
        if (oldLength > 0 && room && (whole || space.isOne(from, oldLength))) {
            fill(space, out, from, whole ? oldLength : 0);
            return true;
        }
        if (to != from && oldLength > 0) {
            out.add(Op.MUNMAP, 0, from, oldLength);
            space.apply(out, out.size() - 1);
        }
        if (to != from) {
            map(space, out, to, newLength);
        } else if (newLength > oldLength) {
            map(space, out, from + oldLength, newLength - oldLength);
        } else if (newLength < oldLength) {
            out.add(Op.MUNMAP, 0, from + newLength, oldLength - newLength);
            space.apply(out, out.size() - 1);
        }
        replaced++;
        return false;
    }

    private static void map(MmModel space, ProgramBuilder out, long start, long length) {
        out.add(Op.MMAP, 0, start, length, READ_WRITE, ANONYMOUS, -1, 0);
        space.apply(out, out.size() - 1);
    }
}

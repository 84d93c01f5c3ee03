package kemu.litmus.path;

import java.util.ArrayList;
import java.util.List;
import kemu.litmus.ast.LitmusException;
import kemu.litmus.ir.Routine;

/** The events of one way through a process, as they come up. */
final class Events {
    private static final int MAX_READS = 64;
    private static final int MAX_EVENTS = 200;

    private final Routine routine;
    private final List<MemoryEvent> all = new ArrayList<>();
    private int reads;
    /** Reads that have decided about coming here. */
    private long control;

    Events(Routine routine) {
        this.routine = routine;
    }

    List<MemoryEvent> all() {
        return List.copyOf(all);
    }

    int reads() {
        return reads;
    }

    /** What follows is decided by {@code reads}, too; returns by which it was before. */
    long decidedBy(long more) {
        long before = control;
        control |= more;
        return before;
    }

    /** What follows is decided by {@code reads} alone. */
    void decidedBefore(long by) {
        control = by;
    }

    /** A read, or the beginning of an SRCU reader; the value depends on itself. */
    Val read(MemoryEvent.Kind kind, Val address, int flags, int line) {
        if (reads == MAX_READS) {
            throw new LitmusException(
                    routine.line(), "P" + routine.number() + " reads more than " + MAX_READS + " times");
        }
        int ordinal = reads++;
        add(new MemoryEvent(kind, flags, address.sym(), null, ordinal, address.deps(), 0, control, -1, line));
        return new Val(Sym.read(ordinal), 1L << ordinal);
    }

    /** A write, or another operation with a value, that is made only because of the reads {@code deciding}. */
    void write(MemoryEvent.Kind kind, Val address, Val value, int flags, long deciding, int line) {
        add(new MemoryEvent(
                kind,
                flags,
                address.sym(),
                value.sym(),
                -1,
                address.deps(),
                value.deps(),
                control | deciding,
                -1,
                line));
    }

    void fence(MemoryEvent.Kind kind, int line) {
        add(new MemoryEvent(kind, 0, null, null, -1, 0, 0, control, -1, line));
    }

    /** The last write ends the read-modify-write that began with the last read. */
    void pair() {
        int w = all.size() - 1;
        int r = w - 1;
        all.set(w, all.get(w).paired(r));
        all.set(r, all.get(r).paired(w));
    }

    private void add(MemoryEvent event) {
        if (all.size() == MAX_EVENTS) {
            throw new LitmusException(
                    routine.line(), "P" + routine.number() + " has more than " + MAX_EVENTS + " events");
        }
        all.add(event);
    }
}

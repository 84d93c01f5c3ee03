package kemu.check.story;

import java.util.HashMap;
import java.util.Map;

/**
 * What becomes of a cache line with each access, by MESI with a directory: who must fetch it from whom, and whose copy
 * goes away. A store in a store buffer touches the line when it becomes visible.
 */
final class LineStory {
    private static final int NOBODY = -1;

    private static final class Line {
        private int owner = NOBODY;
        private long sharers;
    }

    private final boolean buffered;
    private final Map<Long, Line> lines = new HashMap<>();

    /** {@code buffered} if stores go through store buffers. */
    LineStory(boolean buffered) {
        this.buffered = buffered;
    }

    /** Follows a step; what happened to its line in a few words, or nothing if its CPU had what it needed. */
    String follow(Step step) {
        boolean reads = step.reads() || step.waits();
        boolean writes = step.publishes(buffered);
        if (step.address() == 0 || !reads && !writes) {
            return "";
        }
        Line line = lines.computeIfAbsent(step.line(), at -> new Line());
        long me = 1L << step.cpu();
        return writes ? write(line, step.cpu(), me) : read(line, me);
    }

    private static String read(Line line, long me) {
        if ((line.sharers & me) != 0) {
            return "";
        }
        String what = line.owner != NOBODY
                ? "fetched from CPU#" + line.owner + ", now shared"
                : line.sharers == 0 ? "fetched from memory" : "fetched, shared";
        line.owner = NOBODY;
        line.sharers |= me;
        return what;
    }

    private static String write(Line line, int cpu, long me) {
        if (line.owner == cpu) {
            return "";
        }
        long others = line.sharers & ~me;
        StringBuilder what = new StringBuilder(line.owner != NOBODY ? "fetched from CPU#" + line.owner + ", " : "");
        for (int i = 0; i < Long.SIZE; i++) {
            if ((others & 1L << i) != 0) {
                what.append("invalidated on CPU#").append(i).append(", ");
            }
        }
        line.owner = cpu;
        line.sharers = me;
        return what.append("modified here").toString();
    }
}

package kemu.trace.model;

/** One recorded task: a process, or a thread ({@link #isThread}). */
public final class Proc {
    private final int id;
    private final int pid;
    private final int parent;
    private final byte creation;
    private final String name;
    private final long startMicros;
    private final long endMicros;
    private final Program program;
    private final int plannedFaults;

    /** {@code parent} is -1 and {@code creation} is ignored for a root. */
    public Proc(
            int id,
            int pid,
            int parent,
            byte creation,
            String name,
            long startMicros,
            long endMicros,
            Program program,
            int plannedFaults) {
        this.id = id;
        this.pid = pid;
        this.parent = parent;
        this.creation = creation;
        this.name = name;
        this.startMicros = startMicros;
        this.endMicros = endMicros;
        this.program = program;
        this.plannedFaults = plannedFaults;
    }

    /** Index in {@link Trace#proc}; a parent's is smaller than its children's only by accident. */
    public int id() {
        return id;
    }

    /** Recorded pid; not unique over a long recording. */
    public int pid() {
        return pid;
    }

    /** Index of the creator, -1 for a root. */
    public int parent() {
        return parent;
    }

    /** How the creator made it: FORK, VFORK, SPAWN or THREAD of {@link Op}. */
    public byte creation() {
        return creation;
    }

    /** Whether it shares its creator's mm and thread group for life. */
    public boolean isThread() {
        return parent >= 0 && creation == Op.THREAD;
    }

    /** Name of its last image (of its creator's, if it never execs). */
    public String name() {
        return name;
    }

    /** First line, microseconds after the first line of the log. */
    public long startMicros() {
        return startMicros;
    }

    /** Last line, microseconds after the first line of the log. */
    public long endMicros() {
        return endMicros;
    }

    /** What it does. */
    public Program program() {
        return program;
    }

    /** Pages in its TOUCH ops: the faults it will take without reclaim. */
    public int plannedFaults() {
        return plannedFaults;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Proc p
                && id == p.id
                && pid == p.pid
                && parent == p.parent
                && (parent < 0 || creation == p.creation)
                && name.equals(p.name)
                && startMicros == p.startMicros
                && endMicros == p.endMicros
                && plannedFaults == p.plannedFaults
                && program.equals(p.program);
    }

    @Override
    public int hashCode() {
        return id;
    }
}

package kemu.litmus.axiom;

import java.util.ArrayList;
import java.util.List;
import kemu.litmus.ast.LitmusTest;
import kemu.litmus.path.MemoryEvent;
import kemu.litmus.path.Path;
import kemu.litmus.path.SharedMemory;

/** Executions of a test that show its outcome, and the one among them whose order is told most easily. */
public final class Witnesses {
    /** Orders are compared for so many. */
    private static final int COMPARED = 64;

    private final LitmusTest test;
    private final int most;
    private final List<Witness> found = new ArrayList<>();
    private boolean more;
    private boolean complete;
    private SharedMemory scene;
    private Timeline easiest;
    private String state;

    /**
     * One of them.
     *
     * @param paths the way through each process
     * @param values what each read returns, the reads of P0 first
     */
    public record Witness(List<Path> paths, long[] values) {}

    Witnesses(LitmusTest test, int most) {
        this.test = test;
        this.most = most;
    }

    void add(Candidate candidate, Rel co, Rel fr, Axioms axioms, String shown) {
        if (found.size() == most) {
            more = true;
            return;
        }
        found.add(new Witness(candidate.frame.paths, candidate.values));
        if (found.size() <= COMPARED) {
            Timeline one = new Timeline(candidate, co, fr, axioms.inTime(candidate, co, fr));
            if (easiest == null || one.cost() < easiest.cost()) {
                easiest = one;
                state = shown;
            }
        }
    }

    void searched(SharedMemory where, boolean whole) {
        scene = where;
        complete = whole && !more;
    }

    /** The test. */
    public LitmusTest test() {
        return test;
    }

    /** Its shared memory. */
    public SharedMemory scene() {
        return scene;
    }

    /** The executions. */
    public List<Witness> found() {
        return found;
    }

    /** Whether these are all. */
    public boolean complete() {
        return complete;
    }

    /** Its events in order of time, as (process, index in the process); null if there is none. */
    public List<Moment> inTime() {
        return easiest == null ? null : easiest.moments();
    }

    /** Its final state. */
    public String state() {
        return state;
    }

    /**
     * An event of an execution in its place in time.
     *
     * @param process which process
     * @param index number of the event in the process
     * @param event what it is
     * @param value what is read or written
     * @param location index of the location, -1 for fences
     * @param from for a read, the process that wrote it; -1 for the initial value
     * @param source for a read, the number of the write in its process
     * @param old whether a later write to the location is already made, though not seen here
     * @param early whether an earlier event of the process comes later
     */
    public record Moment(
            int process,
            int index,
            MemoryEvent event,
            long value,
            int location,
            int from,
            int source,
            boolean old,
            boolean early) {}
}

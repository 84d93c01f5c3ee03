package kemu.litmus.axiom;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kemu.litmus.path.MemoryEvent;
import kemu.litmus.path.SharedMemory;

/** Why an outcome cannot be: what forbids the executions that would show it, and of the shortest reason every step. */
public final class Why {
    private final SharedMemory scene;
    private final Map<String, Long> executions = new TreeMap<>();
    private String axiom;
    private List<Step> steps = List.of();
    private long allowed;
    private boolean complete = true;

    /**
     * An event of a forbidden execution.
     *
     * @param process which process
     * @param event what it is
     * @param location index of the location, -1 for fences
     * @param value what is read or written
     */
    public record Place(int process, MemoryEvent event, int location, long value) {}

    /** {@code from} is ordered before {@code to} by the relation {@code name} of the model. */
    public record Step(Place from, String name, Place to) {}

    Why(SharedMemory scene) {
        this.scene = scene;
    }

    /** An execution that {@code by} forbids, as {@code cycle} says. */
    void add(Candidate c, String by, List<Told.Step> cycle) {
        executions.merge(by, 1L, Long::sum);
        if (axiom == null || cycle.size() < steps.size()) {
            axiom = by;
            steps = new ArrayList<>();
            cycle.forEach(step -> steps.add(new Step(place(c, step.from()), step.name(), place(c, step.to()))));
        }
    }

    private static Place place(Candidate c, int event) {
        MemoryEvent e = c.frame.events[event];
        int process = c.frame.process[event];
        long value = e.read() >= 0
                ? c.values[c.frame.readBase[process] + e.read()]
                : e.value() == null ? 0 : c.value(e.value(), event);
        return new Place(process, e, c.location[event], value);
    }

    /** An execution that nothing forbids. */
    void allowed() {
        allowed++;
    }

    /** How many executions with the outcome nothing forbids: none, if it cannot be. */
    public long notForbidden() {
        return allowed;
    }

    void incomplete() {
        complete = false;
    }

    /** The shared memory of the test. */
    public SharedMemory scene() {
        return scene;
    }

    /** Name of the axiom that forbids the shortest cycle; null if not even the values can come about. */
    public String axiom() {
        return axiom;
    }

    /** The shortest cycle that is forbidden; each step begins where the one before ends. */
    public List<Step> steps() {
        return steps;
    }

    /** How many executions with the outcome each axiom forbids. */
    public Map<String, Long> executions() {
        return executions;
    }

    /** Whether all executions were looked at. */
    public boolean complete() {
        return complete;
    }
}

package kemu.litmus.trace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kemu.litmus.Model;
import kemu.litmus.path.MemoryEvent;

/** Tells what a {@link BufferMachine} does, step by step. */
final class MachineStory {
    private final BufferMachine machine;
    private final Wording wording;
    private final Model model;
    private final List<TraceStep> steps = new ArrayList<>();
    /** Step at which each location got its present value for everybody, -1 if it has its first. */
    private final int[] visibleSince;
    /** Last store of each process to each location. */
    private final Map<List<Integer>, Integer> storedAt = new HashMap<>();

    /** {@code machine} stands at the beginning. */
    MachineStory(BufferMachine machine, Wording wording, Model model) {
        this.machine = machine;
        this.wording = wording;
        this.model = model;
        visibleSince = new int[machine.locations()];
        Arrays.fill(visibleSince, -1);
    }

    /** Does what {@code way} says. */
    List<TraceStep> tell(int[] way) {
        for (int choice : way) {
            step(choice);
        }
        return steps;
    }

    private void step(int choice) {
        int p = BufferMachine.process(choice);
        boolean hardware = BufferMachine.kind(choice) != BufferMachine.GO;
        MemoryEvent event = machine.next(p);
        int from = hardware ? -1 : giver(p, event);
        long[] before = memory();
        String what = hardware ? aside(choice) : act(p, event, choice);
        List<TraceStep.Cpu> after = new ArrayList<>();
        for (int i = 0; i < machine.processes(); i++) {
            after.add(new TraceStep.Cpu(wording.all(machine.stores(i)), wording.all(machine.old(i))));
        }
        List<String> held = new ArrayList<>();
        long[] now = memory();
        for (int i = 0; i < now.length; i++) {
            held.add(wording.holds(i, now[i]));
            visibleSince[i] = now[i] == before[i] ? visibleSince[i] : steps.size();
        }
        int line = hardware ? 0 : event.line();
        steps.add(new TraceStep(p, line, what, from, hardware, after, String.join(" ", held)));
    }

    private long[] memory() {
        long[] values = new long[machine.locations()];
        for (int i = 0; i < values.length; i++) {
            values[i] = machine.memory(i);
        }
        return values;
    }

    /** The step that gives the next read its value; notes stores. */
    private int giver(int p, MemoryEvent event) {
        if (!event.isAccess()) {
            return -1;
        }
        int location = machine.nextLocation(p);
        if (event.kind() == MemoryEvent.Kind.WRITE) {
            storedAt.put(List.of(p, location), steps.size());
            return -1;
        }
        return switch (machine.source(p)) {
            case BufferMachine.FROM_MEMORY -> visibleSince[location];
            case BufferMachine.FROM_OWN_STORE -> storedAt.getOrDefault(List.of(p, location), -1);
            default -> -1;
        };
    }

    private String aside(int choice) {
        String what;
        switch (BufferMachine.kind(choice)) {
            case BufferMachine.DRAIN -> {
                long[] about = machine.about(choice);
                what = "the store " + wording.holds(about[0], about[1]) + " leaves the buffer";
            }
            case BufferMachine.DELIVER ->
                what = "the invalidation of " + wording.location(machine.about(choice)[0]) + " arrives";
            default -> what = "outside of readers: a barrier for the grace period";
        }
        machine.apply(choice);
        return what;
    }

    private String act(int p, MemoryEvent event, int choice) {
        boolean ends = machine.waits(p);
        String source = machine.source(p);
        String statement = wording.statement(event, event.isAccess() ? machine.nextLocation(p) : -1);
        machine.apply(choice);
        return statement + effect(event, p, ends) + source;
    }

    private String effect(MemoryEvent event, int p, boolean ends) {
        switch (event.kind()) {
            case READ:
                String read = ": reads " + wording.value(machine.value(p, event));
                return event.partner() < 0 ? read : read + " and writes, at once";
            case WRITE:
                return model == Model.SC ? ": written" : ": into the store buffer";
            case SYNC_RCU, SYNC_SRCU:
                return ends ? ": ends" : ": begins";
            case MB, AFTER_ATOMIC, BEFORE_ATOMIC, AFTER_SPINLOCK, AFTER_UNLOCK_LOCK:
                return model == Model.SC ? "" : ": buffer and queue are emptied";
            case RMB:
                return model == Model.WEAK ? ": the invalidate queue is emptied" : "";
            case WMB:
                return model == Model.WEAK ? ": what is buffered stays before what follows" : "";
            default:
                return "";
        }
    }
}

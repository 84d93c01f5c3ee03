package kemu.litmus.trace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cache.model.Fence;
import kemu.litmus.ir.Operation;
import kemu.litmus.kernel.Moment;
import kemu.litmus.kernel.ShortestRun;

/** Tells an execution on emulated CPUs, step by step. */
final class MachineStory {
    private final ShortestRun run;
    private final Wording wording;
    private final MemoryModel model;
    private final List<TraceStep> steps = new ArrayList<>();
    /** Step at which each location got its present value for everybody, -1 if it has its first. */
    private final int[] visibleSince;
    /** Last store of each process to each location. */
    private final Map<List<Integer>, Integer> storedAt = new HashMap<>();

    private long[] held;

    MachineStory(ShortestRun run, Wording wording, MemoryModel model) {
        this.run = run;
        this.wording = wording;
        this.model = model;
        visibleSince = new int[run.memory().size()];
        Arrays.fill(visibleSince, -1);
        held = new long[visibleSince.length];
        for (int i = 0; i < held.length; i++) {
            held[i] = run.memory().initial(i);
        }
    }

    List<TraceStep> tell() {
        for (int i = 0; i < run.moments().size(); i++) {
            step(run.moments().get(i), i);
        }
        return steps;
    }

    private void step(Moment moment, int number) {
        boolean hardware = moment.operation() == null;
        int from = giver(moment);
        List<TraceStep.Cpu> after = new ArrayList<>();
        for (int p = 0; p < moment.after().size(); p++) {
            Moment.Buffers buffers = moment.after().get(p);
            after.add(new TraceStep.Cpu(words(buffers.stores()), words(yetToRead(buffers.old(), p, number))));
        }
        List<String> memory = new ArrayList<>();
        long[] now = moment.memory();
        for (int i = 0; i < now.length; i++) {
            memory.add(wording.holds(i, now[i]));
            visibleSince[i] = now[i] == held[i] ? visibleSince[i] : number;
        }
        held = now;
        int line = hardware ? 0 : moment.operation().line();
        String what = hardware ? aside(moment) : act(moment);
        steps.add(new TraceStep(moment.process(), line, what, from, hardware, after, String.join(" ", memory)));
    }

    private List<String> words(List<long[]> pairs) {
        return wording.all(
                pairs.stream().filter(pair -> !run.locks().get((int) pair[0])).toList());
    }

    /** Old values that process {@code p} reads after step {@code number}, or might have read there. */
    private List<long[]> yetToRead(List<long[]> old, int p, int number) {
        List<Moment> rest = run.moments().subList(number + 1, run.moments().size());
        return old.stream()
                .filter(pair -> rest.stream().anyMatch(later -> reads(later, p, (int) pair[0])))
                .toList();
    }

    private static boolean reads(Moment moment, int process, int location) {
        return moment.process() == process && moment.location() == location && moment.kind() == Moment.Kind.READ;
    }

    /** The step that gives a read its value; notes stores. */
    private int giver(Moment moment) {
        if (moment.kind() == Moment.Kind.WRITE) {
            storedAt.put(List.of(moment.process(), moment.location()), steps.size());
            return -1;
        }
        if (moment.kind() != Moment.Kind.READ && moment.kind() != Moment.Kind.CHANGE) {
            return -1;
        }
        return switch (moment.source()) {
            case MEMORY -> visibleSince[moment.location()];
            case OWN_STORE -> storedAt.getOrDefault(List.of(moment.process(), moment.location()), -1);
            case OLD -> -1;
        };
    }

    private String aside(Moment moment) {
        String word = moment.location() < 0 ? "" : wording.location(moment.location());
        if (moment.kind() == Moment.Kind.DELIVER) {
            return "the invalidation of " + word + " arrives";
        }
        boolean lock = moment.location() >= 0 && run.locks().get(moment.location());
        return lock
                ? "a store to " + word + " leaves the buffer"
                : "the store " + wording.holds(moment.location(), moment.value()) + " leaves the buffer";
    }

    private String act(Moment moment) {
        Operation operation = moment.operation();
        String statement = wording.statement(Wording.name(operation), operation.line(), moment.location());
        if (operation instanceof Operation.Lock) {
            return statement + lock(moment);
        }
        return statement
                + switch (moment.kind()) {
                    case READ -> ": reads " + wording.value(moment.value()) + source(moment.source());
                    case CHANGE -> ": reads " + wording.value(moment.value()) + " and writes, at once";
                    case WRITE -> model.buffers() ? ": into the store buffer" : ": written";
                    default -> operation instanceof Operation.Fence fence ? fence(fence.kind()) : "";
                };
    }

    private static String lock(Moment moment) {
        return switch (moment.kind()) {
            case READ -> ": looks";
            case CHANGE -> ": reads and writes, at once";
            case WRITE -> ": writes";
            default -> "";
        };
    }

    private static String source(Moment.Source source) {
        return switch (source) {
            case MEMORY -> "";
            case OWN_STORE -> ", from its own store buffer";
            case OLD -> ", an old value";
        };
    }

    private String fence(Operation.Fence.Kind kind) {
        return switch (kind) {
            case MB, AFTER_ATOMIC, BEFORE_ATOMIC, AFTER_SPINLOCK, AFTER_UNLOCK_LOCK -> effect(model.fullFence());
            case RMB -> effect(model.readFence());
            case WMB -> effect(model.writeFence());
            default -> "";
        };
    }

    private String effect(Fence fence) {
        boolean drains = fence.drains() && model.buffers();
        boolean orders = fence.stores() == Fence.Stores.ORDERED && model.reordersStores();
        boolean delivers = fence.delivers() && model.staleLoads();
        if (drains) {
            return fence.delivers() ? ": buffer and queue are emptied" : ": the store buffer is emptied";
        }
        return (delivers ? ": the invalidate queue is emptied" : "")
                + (orders ? (delivers ? ", " : ": ") + "what is buffered stays before what follows" : "");
    }
}

package kemu.litmus.trace;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import kemu.hw.cache.MemoryModel;
import kemu.litmus.Model;
import kemu.litmus.ast.Item;
import kemu.litmus.ast.LitmusTest;
import kemu.litmus.axiom.Search;
import kemu.litmus.axiom.Witnesses;
import kemu.litmus.path.MemoryEvent;
import kemu.litmus.path.Path;
import kemu.litmus.path.SharedMemory;

/** Tells one execution of a test that shows its outcome. */
public final class Tracer {
    private static final int WITNESSES = 2000;

    private final long limit;
    private final int unroll;

    /** Searches as {@link Search} does. */
    public Tracer(long limit, int unroll) {
        this.limit = limit;
        this.unroll = unroll;
    }

    /** What {@code models} show of {@code test}. */
    public Telling tell(LitmusTest test, List<Model> models) {
        return new Telling(
                test, models.stream().map(model -> trace(test, model)).toList());
    }

    private Trace trace(LitmusTest test, Model model) {
        Witnesses witnesses = new Search(model, limit, unroll).witnesses(test, WITNESSES);
        String name = model.label();
        int processes = test.processes().size();
        String outcome = test.quantifier().equals("forall") ? "a state that breaks it" : "the outcome";
        if (witnesses.found().isEmpty()) {
            if (witnesses.complete()) {
                return new Reasons(test, model, new Search(model, limit, unroll)).tell(outcome);
            }
            String why = outcome + " of " + test.name() + " was not found on " + name + " within the limit";
            return new Trace(model, why, processes, List.of(), "");
        }
        if (model == Model.LKMM || model == Model.LKMM_6_1) {
            return ordered(witnesses, model, "an order of events in which " + name + " allows " + outcome);
        }
        BufferSearch search = new BufferSearch(witnesses, model);
        int[] way = search.find();
        if (way != null) {
            return machine(test, model, witnesses, search, way, outcome);
        }
        String alone = hasGracePeriods(witnesses)
                ? "grace periods with a barrier on every CPU, as the kernel's expedited ones, do not show "
                : "store buffers and invalidate queues alone do not show ";
        String why =
                (search.complete() ? alone + outcome : outcome + " was not found on store buffers within the limit")
                        + "; " + name + " allows it in this order of events";
        return ordered(witnesses, model, why);
    }

    private static boolean hasGracePeriods(Witnesses witnesses) {
        return witnesses.found().get(0).paths().stream()
                .flatMap(path -> path.events().stream())
                .anyMatch(e -> e.kind() == MemoryEvent.Kind.SYNC_RCU
                        || e.kind() == MemoryEvent.Kind.SYNC_SRCU
                        || e.kind() == MemoryEvent.Kind.SRCU_LOCK);
    }

    // ---- on the machine -------------------------------------------------------------------------------------------

    private static Trace machine(
            LitmusTest test, Model model, Witnesses witnesses, BufferSearch search, int[] way, String outcome) {
        SharedMemory scene = witnesses.scene();
        List<Path> paths = search.paths();
        Wording wording = new Wording(test, scene);
        try (BufferMachine machine = new BufferMachine(MemoryModel.valueOf(model.name()), scene, paths)) {
            machine.start();
            List<TraceStep> steps = new MachineStory(machine, wording, model).tell(way);
            String end = state(test, wording, item -> search.value(item, machine, paths));
            String headline =
                    "the shortest way to " + outcome + " on " + model.label() + ", " + steps.size() + " steps";
            return new Trace(model, headline, paths.size(), steps, end);
        }
    }

    // ---- by the axioms --------------------------------------------------------------------------------------------

    private static Trace ordered(Witnesses witnesses, Model model, String headline) {
        LitmusTest test = witnesses.test();
        Wording wording = new Wording(test, witnesses.scene());
        List<TraceStep> steps = new ArrayList<>();
        Map<List<Integer>, Integer> stepOf = new HashMap<>();
        for (Witnesses.Moment moment : witnesses.inTime()) {
            stepOf.put(List.of(moment.process(), moment.index()), steps.size());
            StringBuilder what = new StringBuilder(wording.statement(moment.event(), moment.location()));
            if (moment.event().kind() == MemoryEvent.Kind.READ) {
                what.append(": reads ").append(wording.holds(moment.location(), moment.value()));
                what.append(moment.from() < 0 ? " (initial value)" : " (from P" + moment.from() + ")");
                what.append(moment.old() ? ", a newer value has not got here" : "");
            } else if (moment.event().kind() == MemoryEvent.Kind.WRITE) {
                what.append(": writes ").append(wording.holds(moment.location(), moment.value()));
            }
            what.append(moment.early() ? ", ahead of what stands before it" : "");
            int from = stepOf.getOrDefault(List.of(moment.from(), moment.source()), -1);
            int line = moment.event().line();
            steps.add(new TraceStep(moment.process(), line, what.toString(), from, false, List.of(), null));
        }
        return new Trace(model, headline, test.processes().size(), steps, witnesses.state());
    }

    static String state(LitmusTest test, Wording wording, ToLongFunction<Item> values) {
        return Search.shown(test).stream()
                .map(item -> item.label() + "=" + wording.value(values.applyAsLong(item)) + ";")
                .collect(Collectors.joining(" "));
    }
}

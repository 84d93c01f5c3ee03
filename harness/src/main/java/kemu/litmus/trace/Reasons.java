package kemu.litmus.trace;

import java.util.List;
import java.util.stream.Collectors;
import kemu.litmus.Model;
import kemu.litmus.ast.LitmusTest;
import kemu.litmus.axiom.Search;
import kemu.litmus.axiom.Why;
import kemu.litmus.path.MemoryEvent;

/** Tells why a model does not show an outcome: the cycle that it forbids, edge by edge, named by relation. */
final class Reasons {
    private final LitmusTest test;
    private final Model model;
    private final Why why;
    private final Wording wording;

    Reasons(LitmusTest test, Model model, Search search) {
        this.test = test;
        this.model = model;
        this.why = search.why(test);
        this.wording = new Wording(test, why.scene());
    }

    ModelTrace tell(String outcome) {
        List<ModelTrace.Reason> reasons = why.steps().stream().map(this::reason).toList();
        return new ModelTrace(
                model,
                outcome + " is not reachable on " + model.label() + ", because " + because(),
                test.processes().size(),
                List.of(),
                "",
                null,
                reasons);
    }

    private String because() {
        if (why.axiom() == null) {
            return why.complete()
                    ? "no execution has such values, whatever is read from where"
                    : "of a reason that was not found within the limit";
        }
        String counts = why.executions().entrySet().stream()
                .map(one -> one.getValue() + " by " + one.getKey())
                .collect(Collectors.joining(", "));
        String all = why.complete() ? "every execution with it is forbidden" : "executions with it are forbidden";
        return all + " (" + counts + "); the shortest cycle, forbidden by " + why.axiom();
    }

    private ModelTrace.Reason reason(Why.Step step) {
        return new ModelTrace.Reason(
                place(step.from()),
                step.from().event().line(),
                step.name(),
                place(step.to()),
                step.to().event().line());
    }

    private String place(Why.Place place) {
        MemoryEvent event = place.event();
        String what = "P" + place.process() + " " + wording.statement(event, place.location());
        boolean reads = event.kind() == MemoryEvent.Kind.READ || event.kind() == MemoryEvent.Kind.SRCU_LOCK;
        boolean writes = event.kind() == MemoryEvent.Kind.WRITE;
        if ((reads || writes) && place.location() >= 0) {
            what += (reads ? ": reads " : ": writes ") + wording.holds(place.location(), place.value());
        }
        return what;
    }
}

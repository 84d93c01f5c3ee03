package kemu.litmus.trace;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import kemu.check.story.StoryTable;
import kemu.litmus.Model;
import kemu.litmus.ast.Item;
import kemu.litmus.ast.LitmusException;
import kemu.litmus.ast.LitmusTest;
import kemu.litmus.axiom.Search;
import kemu.litmus.axiom.Witnesses;
import kemu.litmus.kernel.KernelEngine;
import kemu.litmus.kernel.ShortestRun;
import kemu.litmus.path.MemoryEvent;

/** Tells one execution of a test that shows its outcome. */
public final class Tracer {
    private static final int WITNESSES = 2000;
    /** Steps of a derivation that cost as much as a state of the machine. */
    private static final int STATES = 5;

    private final long limit;
    private final int unroll;
    private final Function<Model, KernelEngine> engines;

    /** Tells what the axioms say; searches as {@link Search} does. */
    public Tracer(long limit, int unroll) {
        this.limit = limit;
        this.unroll = unroll;
        this.engines = null;
    }

    /** Tells what the engine for a model shows. */
    public Tracer(Function<Model, KernelEngine> engines) {
        this.limit = 0;
        this.unroll = 0;
        this.engines = engines;
    }

    /** What {@code models} show of {@code test}. */
    public Telling tell(LitmusTest test, List<Model> models) {
        return new Telling(
                test,
                models.stream()
                        .map(model -> engines == null ? trace(test, model) : executed(test, model))
                        .toList());
    }

    /** The engine's own execution, as the checker tells one. */
    private ModelTrace executed(LitmusTest test, Model model) {
        KernelEngine.Shown shown = engines.apply(model).show(test);
        int processes = test.processes().size();
        String outcome = outcome(test);
        String name = model.label();
        if (shown.story() == null) {
            String none = "no execution of " + shown.executions() + " on " + name + " shows " + outcome;
            return new ModelTrace(model, none, processes, List.of(), "");
        }
        ByteArrayOutputStream table = new ByteArrayOutputStream();
        StoryTable.print(
                shown.story(), new PrintStream(table, true, StandardCharsets.UTF_8), StoryTable.terminalWidth());
        String which = "execution " + shown.executions() + " on " + name + " shows " + outcome;
        return new ModelTrace(
                model, which, processes, List.of(), shown.outcome(), table.toString(StandardCharsets.UTF_8), List.of());
    }

    private static String outcome(LitmusTest test) {
        return test.quantifier().equals("forall") ? "a state that breaks it" : "the outcome";
    }

    private ModelTrace trace(LitmusTest test, Model model) {
        return model.axioms() == null ? onMachineOnly(test, model) : byAxioms(test, model);
    }

    /** Of a model without axioms: an execution, or that every state has been looked at. */
    private ModelTrace onMachineOnly(LitmusTest test, Model model) {
        ShortestRun run = ShortestRun.of(test, model.machine(), unroll, Math.max(1, limit / STATES));
        String outcome = outcome(test);
        if (run != null && run.found()) {
            return machine(test, model, run, outcome);
        }
        String why = run == null || !run.complete() ? why(run, outcome) : outcome + " is in no state of " + model;
        return new ModelTrace(model, why, test.processes().size(), List.of(), "");
    }

    private ModelTrace byAxioms(LitmusTest test, Model model) {
        Witnesses witnesses = new Search(model, limit, unroll).witnesses(test, WITNESSES);
        String name = model.label();
        int processes = test.processes().size();
        String outcome = outcome(test);
        if (witnesses.found().isEmpty()) {
            if (witnesses.complete()) {
                return new Reasons(test, model, new Search(model, limit, unroll)).tell(outcome);
            }
            String why = outcome + " of " + test.name() + " was not found on " + name + " within the limit";
            return new ModelTrace(model, why, processes, List.of(), "");
        }
        if (model.machine() == null) {
            return ordered(witnesses, model, "an order of events in which " + name + " allows " + outcome);
        }
        ShortestRun run;
        try {
            run = ShortestRun.of(test, model.machine(), unroll, Math.max(1, limit / STATES));
        } catch (LitmusException refused) {
            return ordered(witnesses, model, name + " allows " + outcome + " in this order of events");
        }
        if (run != null && run.found()) {
            return machine(test, model, run, outcome);
        }
        return ordered(witnesses, model, why(run, outcome) + "; " + name + " allows it in this order of events");
    }

    private static String why(ShortestRun run, String outcome) {
        if (run == null) {
            return "grace periods take longer than is told here, see --engine kernel for " + outcome;
        }
        return run.complete()
                ? "store buffers and invalidate queues alone do not show " + outcome
                : outcome + " was not found on store buffers within the limit";
    }

    // ---- on the machine -------------------------------------------------------------------------------------------

    private static ModelTrace machine(LitmusTest test, Model model, ShortestRun run, String outcome) {
        Wording wording = new Wording(test, run.memory());
        List<TraceStep> steps = new MachineStory(run, wording, model.machine()).tell();
        String end = state(test, wording, run.values());
        String headline = "the shortest way to " + outcome + " on " + model.label() + ", " + steps.size() + " steps";
        return new ModelTrace(model, headline, test.processes().size(), steps, end);
    }

    // ---- by the axioms --------------------------------------------------------------------------------------------

    private static ModelTrace ordered(Witnesses witnesses, Model model, String headline) {
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
        return new ModelTrace(model, headline, test.processes().size(), steps, witnesses.state());
    }

    static String state(LitmusTest test, Wording wording, ToLongFunction<Item> values) {
        return Search.shown(test).stream()
                .map(item -> item.label() + "=" + wording.value(values.applyAsLong(item)) + ";")
                .collect(Collectors.joining(" "));
    }
}

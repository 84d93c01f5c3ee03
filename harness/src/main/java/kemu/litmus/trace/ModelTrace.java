package kemu.litmus.trace;

import java.util.List;
import kemu.litmus.Model;

/**
 * What one model shows.
 *
 * @param model the model
 * @param headline what follows, or why nothing does
 * @param processes number of processes
 * @param steps the execution; empty if there is none
 * @param outcome its final state
 * @param table the execution as the checker tells it; null if it is told by steps
 * @param reasons where there is none, the forbidden cycle, edge by edge; else empty
 */
record ModelTrace(
        Model model,
        String headline,
        int processes,
        List<TraceStep> steps,
        String outcome,
        String table,
        List<Reason> reasons) {
    /** {@code from} must come before {@code to}, by the relation {@code name} of the model; lines of the file. */
    record Reason(String from, int fromLine, String name, String to, int toLine) {}

    ModelTrace(Model model, String headline, int processes, List<TraceStep> steps, String outcome) {
        this(model, headline, processes, steps, outcome, null, List.of());
    }
}

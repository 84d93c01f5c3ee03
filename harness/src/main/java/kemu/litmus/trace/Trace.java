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
 */
record Trace(Model model, String headline, int processes, List<TraceStep> steps, String outcome) {}

/**
 * Traces that ui.perfetto.dev opens, in Chrome's JSON format of trace events: stretches that nest on tracks, marks, and
 * arrows. Of what, their writers know: a story of a failure, or the last moments of a run.
 *
 * <p>Entry class: {@link kemu.perfetto.TraceWriter}.
 */
package kemu.perfetto;

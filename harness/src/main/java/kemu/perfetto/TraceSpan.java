package kemu.perfetto;

import java.util.Map;

/**
 * A stretch of a trace.
 *
 * @param group tracks that it may lie on
 * @param from begin, in nanoseconds of the trace
 * @param to end, after the begin
 * @param name what it is
 * @param args what there is to know of it
 */
public record TraceSpan(String group, long from, long to, String name, Map<String, String> args) {}

package kemu.perfetto;

/**
 * An end of an arrow of a trace. It must lie within a stretch of the first track of its group of tracks.
 *
 * @param id of the arrow
 * @param name what it is
 * @param begins true for the end it comes from
 * @param cpu on whose track it is
 * @param at when, in nanoseconds of the trace
 */
public record TraceFlow(int id, String name, boolean begins, int cpu, long at) {}

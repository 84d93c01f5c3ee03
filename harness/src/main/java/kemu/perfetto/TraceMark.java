package kemu.perfetto;

/**
 * Something in a trace that takes no time.
 *
 * @param track where it stands
 * @param at when, in nanoseconds of the trace
 * @param name what it is
 */
public record TraceMark(String track, long at, String name) {}

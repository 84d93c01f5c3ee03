/**
 * Recorded process trees, ready to replay. Entry: {@link kemu.trace.Traces#load}; what it returns is a
 * {@link kemu.trace.Trace}: processes with one {@link kemu.trace.Program} each. Everything is immutable after loading,
 * so any number of threads may replay it at once.
 *
 * <p>Host side only: nothing here knows of the emulator. Rules by which a log becomes a trace: docs/TRACES.md.
 */
package kemu.trace;

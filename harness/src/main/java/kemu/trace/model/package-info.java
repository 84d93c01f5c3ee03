/**
 * A recorded process tree in memory: a {@link kemu.trace.model.Trace} has processes, and each runs one
 * {@link kemu.trace.model.Program} of operations. Readers of logs build it ({@link kemu.trace.model.ProgramBuilder});
 * once built it never changes, so any number of threads may replay it at once.
 *
 * <p>Entry class: {@link kemu.trace.model.Trace}.
 */
package kemu.trace.model;

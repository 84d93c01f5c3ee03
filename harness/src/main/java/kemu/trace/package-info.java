/**
 * Recorded process trees, ready to replay. {@link kemu.trace.Traces#load} reads a log ({@link kemu.trace.strace}) and
 * plans what the log does not say ({@link kemu.trace.plan}), or reads a compact file ({@link kemu.trace.store}); what
 * it returns is a {@link kemu.trace.model.Trace}.
 *
 * <p>Host side only: nothing here knows of the emulator. Rules by which a log becomes a trace: docs/TRACES.md.
 *
 * <p>Entry class: {@link kemu.trace.Traces}.
 */
package kemu.trace;

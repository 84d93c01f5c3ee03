/**
 * One execution of a litmus test that shows its outcome, step by step: on a machine with store buffers and invalidate
 * queues where it can, else as an order of events that the model's axioms allow. Entry:
 * {@link kemu.litmus.trace.Tracer}.
 */
package kemu.litmus.trace;

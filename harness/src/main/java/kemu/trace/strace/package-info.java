/**
 * Reads strace logs. Entry: {@link kemu.trace.strace.StraceLog#read}. One pass over the bytes, no line is turned into a
 * String; split calls are joined, every pid is bound to the right incarnation, and what comes out is one
 * {@link kemu.trace.strace.RawTask} per task with its calls in program order. Files, images and faults are added later
 * ({@code kemu.trace.plan}).
 */
package kemu.trace.strace;

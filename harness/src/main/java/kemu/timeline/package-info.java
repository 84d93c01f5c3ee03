/**
 * What the CPUs of a native run did last, as a trace for ui.perfetto.dev: each keeps it in a ring of its own, outside
 * the heap, and the rings are read once the machine has stopped. Off unless asked for, and then nothing of it is
 * loaded.
 *
 * <p>Entry class: {@link kemu.timeline.CpuTimeline}. Recording takes no lock and allocates nothing.
 */
package kemu.timeline;

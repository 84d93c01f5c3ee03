/**
 * The machine around the CPUs: memory, per-CPU areas, interrupts, the clock that ticks, and how CPUs are driven (host
 * threads or one scheduling loop).
 *
 * <p>Entry class: {@link kemu.hw.machine.Machine}. Context rules: interrupt handlers run with interrupts disabled on
 * the CPU that was interrupted and may not sleep; softirqs run right after them with interrupts enabled.
 */
package kemu.hw.machine;

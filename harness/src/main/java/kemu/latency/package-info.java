/**
 * Latencies: one recorder per CPU and series, written by that CPU only, read by the reporter at intervals.
 *
 * <p>Entry class: {@link kemu.latency.Latencies}. Recording takes no lock and allocates nothing.
 */
package kemu.latency;

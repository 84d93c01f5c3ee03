/**
 * A run from boot to verdict: the machine and kernel it boots, the conductor task that starts rounds of a workload, the
 * oracles that are asked at the end, and the reporter that writes what happened as it happens.
 *
 * <p>Entry class: {@link kemu.soak.RunSession}. Host-side code: host clocks, threads and files are at home here.
 */
package kemu.soak;

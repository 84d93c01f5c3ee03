/**
 * Scenarios of truncation and hole punching: faults, reclaim and private copies against what makes a file shorter,
 * KERNEL-FACTS section E.5. Entry class: {@link kemu.check.file.FileScenarios}.
 */
package kemu.check.file;

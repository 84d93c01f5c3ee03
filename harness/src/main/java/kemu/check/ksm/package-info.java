/**
 * Scenarios of merged pages: the race of ksmd with who writes, pins, swaps, forks and exits.
 *
 * <p>Entry class: {@link kemu.check.ksm.KsmScenarios}. No locks of its own.
 */
package kemu.check.ksm;

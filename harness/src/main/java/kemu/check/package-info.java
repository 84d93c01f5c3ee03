/**
 * Scenarios: short races of kernel calls on a booted machine, explored until one interleaving fails or all are covered.
 *
 * <p>Entry class: {@link kemu.check.Check}; the scenarios are listed in {@link kemu.check.Scenarios}.
 */
package kemu.check;

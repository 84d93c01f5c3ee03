/**
 * Checks: a scenario's race of kernel calls on a booted machine, explored until one interleaving fails or all are
 * covered. This package puts together what stands in those below it: scenarios are written with
 * {@link kemu.check.scenario}, and stand in {@link kemu.check.rmap}, {@link kemu.check.slab} and
 * {@link kemu.check.order}; {@link kemu.check.Scenarios} lists them.
 *
 * <p>Entry class: {@link kemu.check.Check}.
 */
package kemu.check;

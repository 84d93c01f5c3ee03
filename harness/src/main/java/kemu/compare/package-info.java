/**
 * Runs of the same work side by side: what took how long, and whether a difference is more than chance.
 *
 * <p>Entry class: {@link kemu.compare.Comparison}.
 */
package kemu.compare;

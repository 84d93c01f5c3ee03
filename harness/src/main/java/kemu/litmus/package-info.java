/**
 * Litmus tests in the C dialect of the Linux kernel memory model: which final states may a few processes reach? Entry:
 * {@link kemu.litmus.LitmusRunner}.
 */
package kemu.litmus;

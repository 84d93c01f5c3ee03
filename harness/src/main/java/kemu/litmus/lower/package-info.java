/**
 * From syntax trees to operations, for every engine: the one place that knows both C and the table of primitives.
 * Entry: {@link kemu.litmus.lower.Lowering}. Also what the names of a test stand for, which the table decides as well.
 * No shared state.
 */
package kemu.litmus.lower;

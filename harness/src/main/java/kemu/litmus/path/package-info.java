/**
 * The ways one process may take: its memory accesses with symbolic values, dependencies and the conditions under which
 * it goes that way. Entry: {@link kemu.litmus.path.Paths}.
 */
package kemu.litmus.path;

/**
 * Tests of our own: cycles of accesses with every fence and dependency placed or missing. Entry:
 * {@link kemu.litmus.corpus.Cycles}.
 */
package kemu.litmus.corpus;

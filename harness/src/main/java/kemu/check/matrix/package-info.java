/**
 * The matrix of {@code kemu check all}: what was found of every scenario and variant beside what is expected
 * ({@link kemu.check.Expected}), and its files in JSON, HTML and JUnit XML.
 *
 * <p>Entry class: {@link kemu.check.matrix.Matrix}.
 */
package kemu.check.matrix;

/**
 * Reads litmus files: comments and sections by hand, the rest by parser combinators. Entry:
 * {@link kemu.litmus.parse.LitmusParser}.
 */
package kemu.litmus.parse;

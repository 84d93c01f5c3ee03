/**
 * The built-in ways of {@link kemu.mm.mlock.Mlocking}, one class each, of Linux 2.6.32 to 6.13 and of a proposal of
 * 2009. Entry class: {@link kemu.mm.mlock.kind.Mlockings}, their list by name.
 */
package kemu.mm.mlock.kind;

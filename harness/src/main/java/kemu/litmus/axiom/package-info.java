/**
 * The interpreted engine: enumerates what every read may read from and every order of the writes to a location, and
 * keeps what the axioms of a memory model allow. Entry: {@link kemu.litmus.axiom.Search}.
 */
package kemu.litmus.axiom;

/**
 * The primitives of the Linux kernel that litmus tests use, each said once: name, order, arguments, the operations it
 * means, and which engine refuses it and why. Entry: {@link kemu.litmus.dialect.Dialect}, which is the table; one more
 * primitive is one more row there. Knows neither syntax trees nor engines. Immutable; no locks.
 */
package kemu.litmus.dialect;

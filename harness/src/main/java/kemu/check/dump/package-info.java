/**
 * A machine as a failure left it, in files, and what is in it by name.
 *
 * <p>Entry classes: {@link kemu.check.dump.Dump} writes, {@link kemu.check.dump.Inspector} reads.
 */
package kemu.check.dump;

/**
 * What the process has to do with its host: signals, files that are written whole or not at all, output that is lost.
 *
 * <p>Entry classes: {@link kemu.host.Stop}, {@link kemu.host.SafeFiles}.
 */
package kemu.host;

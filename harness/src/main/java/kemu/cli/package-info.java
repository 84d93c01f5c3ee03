/** The command line: one class per verb. Entry: {@code kemu.cli.Main}. */
package kemu.cli;

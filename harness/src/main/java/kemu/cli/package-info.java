/**
 * The command line: one class per verb, and one per option that several verbs share, which each takes as a mixin.
 *
 * <p>Entry class: {@link kemu.cli.Main}.
 */
package kemu.cli;

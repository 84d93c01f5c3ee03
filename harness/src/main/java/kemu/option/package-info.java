/**
 * What options of the command line share, whoever declares them: how sizes and times are typed, and how a mistake is
 * told.
 *
 * <p>Entry class: {@link kemu.option.UsageException}. Knows no verb and no workload; those that declare options use it.
 */
package kemu.option;

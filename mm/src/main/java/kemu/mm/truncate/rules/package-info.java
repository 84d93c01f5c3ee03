/**
 * How faults and truncation keep out of each other's way: the kernel's rules, which are those of the classes
 * themselves, and rules with one step missing, each kept for the scenario that convicts it.
 *
 * <p>Entry class: {@link kemu.mm.truncate.rules.TruncateRuleSets}. Lock order: as {@code kemu.mm.truncate}.
 */
package kemu.mm.truncate.rules;

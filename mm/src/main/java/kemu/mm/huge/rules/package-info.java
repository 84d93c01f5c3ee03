/**
 * What keeps others out while small pages become a huge one: the rules of Linux, and those without one of its parts,
 * each kept for the scenario that convicts it.
 *
 * <p>Entry class: {@link kemu.mm.huge.rules.CollapseRuleSets}. Lock order: as {@code kemu.mm.huge}.
 */
package kemu.mm.huge.rules;

/**
 * How anon_vmas live and die: the rules of the kernel, which run by default, and in classes of their own those of older
 * versions and of proposals, most of them wrong and kept for the scenario that convicts them.
 *
 * <p>Entry class: {@link kemu.mm.rmap.rules.AnonVmaRuleSets}. Lock order: as {@code kemu.mm.rmap}.
 */
package kemu.mm.rmap.rules;

/**
 * How VMAs change under rmap walks, {@link kemu.mm.vma.VmaRules}: the kernel's rules, and those of other versions.
 *
 * <p>Entry class: {@link kemu.mm.vma.rules.VmaRuleSets}, the list of them. Lock order: as that of {@code kemu.mm.vma}.
 */
package kemu.mm.vma.rules;

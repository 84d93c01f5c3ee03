/**
 * What is known of a page that was found in the swap cache, {@link kemu.mm.swap.FoundPageChecks}: the kernel's tests,
 * and those of other versions.
 *
 * <p>Entry class: {@link kemu.mm.swap.rules.FoundPageRuleSets}, the list of them. Lock order: page lock, pte lock,
 * swap_lock.
 */
package kemu.mm.swap.rules;

/**
 * Rules of merging by name, those of kernels and those that are wrong on purpose; each class breaks one.
 *
 * <p>Entry class: {@link kemu.mm.ksm.rules.KsmRuleSets}. No locks.
 */
package kemu.mm.ksm.rules;

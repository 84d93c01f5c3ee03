/**
 * Scenarios about mlock, munlock and truncation: KERNEL-FACTS section E.5 and card 11 of BUGS.md. The variants are ways
 * to mlock pages, {@link kemu.mm.mlock.kind.Mlockings}.
 *
 * <p>Entry class: {@link kemu.check.mlock.MlockScenarios}, the list of them.
 */
package kemu.check.mlock;

/** Scenarios of pages on their way from the swap area. Entry class: {@link kemu.check.swap.SwapScenarios}. */
package kemu.check.swap;

/**
 * Scenarios of walks that must find every pte of a page, as migration and the split of a huge page do, and reclaim does
 * not, while VMAs change and pages move. Entry class: {@link kemu.check.walk.WalkScenarios}.
 */
package kemu.check.walk;

/**
 * What scenarios are written with: {@link kemu.check.scenario.Scenario}, the calls that build a scene
 * ({@link kemu.check.scenario.Scene}), how a scenario says what it has found, and what is expected to be found. This is
 * the interface for authors of scenarios; it knows no scenario and no search.
 *
 * <p>Entry class: {@link kemu.check.scenario.Scenario}.
 */
package kemu.check.scenario;

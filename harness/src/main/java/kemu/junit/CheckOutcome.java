package kemu.junit;

import kemu.check.scenario.Subject;
import kemu.check.story.Story;
import kemu.hw.explore.Result;

/**
 * What a check in a test has found.
 *
 * @param subject what was checked
 * @param result verdict and coverage
 * @param story the failure, made short; null if there is none
 */
public record CheckOutcome(Subject subject, Result result, Story story) {}

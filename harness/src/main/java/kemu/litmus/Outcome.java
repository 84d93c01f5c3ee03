package kemu.litmus;

import java.util.List;
import java.util.Set;

/**
 * What was found out about a test.
 *
 * @param states final states, as printed, in order
 * @param positive executions whose final state satisfies the condition
 * @param negative executions whose final state does not
 * @param flags what is wrong with the test itself, such as data-race
 * @param complete false if a limit ended the search: then states may be missing
 * @param unrolled whether a loop was cut off
 */
public record Outcome(
        List<String> states, long positive, long negative, Set<String> flags, boolean complete, boolean unrolled) {

    /** Sometimes, Always, Never; or Unknown where a limit leaves it open. */
    public String observation() {
        if (positive > 0 && negative > 0) {
            return "Sometimes";
        }
        if (!complete) {
            return "Unknown";
        }
        return positive > 0 ? "Always" : "Never";
    }
}

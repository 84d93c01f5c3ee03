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
 * @param explored how executions were explored; null if none were executed
 */
public record LitmusOutcome(
        List<String> states,
        long positive,
        long negative,
        Set<String> flags,
        boolean complete,
        boolean unrolled,
        Explored explored) {

    /**
     * What was executed.
     *
     * @param executions that came to their end
     * @param search how they were chosen
     * @param exhaustive whether there are no others
     */
    public record Explored(long executions, String search, boolean exhaustive) {
        /** As printed. */
        public String text() {
            return executions + (exhaustive ? " (exhaustive)" : " (not exhaustive)");
        }
    }

    /** What was derived, not executed. */
    public LitmusOutcome(
            List<String> states, long positive, long negative, Set<String> flags, boolean complete, boolean unrolled) {
        this(states, positive, negative, flags, complete, unrolled, null);
    }

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

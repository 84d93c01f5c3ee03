package kemu.litmus;

import java.nio.file.Path;
import java.util.Map;
import kemu.litmus.ast.LitmusTest;

/**
 * One file, judged or not.
 *
 * @param test null if it was not understood
 * @param outcomes by model; empty if not judged
 * @param problem why it was not judged, as {@code FILE:LINE: what}; null if it was
 * @param seconds wall time of each model
 */
public record LitmusResult(
        Path file, LitmusTest test, Map<Model, Outcome> outcomes, String problem, Map<Model, Double> seconds) {

    /** How the problem begins when the fault is not the test's. */
    static final String INTERNAL = "internal error: ";

    /** Whether it was not judged through a fault of this program. */
    boolean failed() {
        return problem != null && problem.contains(": " + INTERNAL);
    }

    /** Name of the test, or of the file if that is not known. */
    public String name() {
        if (test != null) {
            return test.name();
        }
        return String.valueOf(file.getFileName()).replaceFirst("\\.litmus$", "");
    }
}

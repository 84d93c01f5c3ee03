package kemu.litmus;

import java.nio.file.Path;
import java.util.Map;
import kemu.litmus.ast.LitmusTest;

/**
 * One file, judged or not.
 *
 * @param test null if it was not understood
 * @param outcomes by model; of those that judged it
 * @param refusals by model, why it did not judge, as {@code FILE:LINE: what}
 * @param problem why it was not judged at all, as {@code FILE:LINE: what}; null if some model did
 * @param seconds wall time of each model
 */
public record LitmusResult(
        Path file,
        LitmusTest test,
        Map<Model, LitmusOutcome> outcomes,
        Map<Model, String> refusals,
        String problem,
        Map<Model, Double> seconds) {

    /** How the problem begins when the fault is not the test's. */
    static final String INTERNAL = "internal error: ";

    /** Whether it was not judged through a fault of this program. */
    public boolean failed() {
        return problem != null && problem.contains(": " + INTERNAL);
    }

    /** Name of the test, or of the file if that is not known. */
    public String name() {
        return test != null ? test.name() : fileName();
    }

    /** Name of the file without its ending. */
    public String fileName() {
        return String.valueOf(file.getFileName()).replaceFirst("\\.litmus$", "");
    }
}

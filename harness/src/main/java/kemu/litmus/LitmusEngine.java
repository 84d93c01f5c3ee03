package kemu.litmus;

import kemu.litmus.ast.LitmusException;
import kemu.litmus.ast.LitmusTest;

/** Finds the final states of a test. */
public interface LitmusEngine {
    /**
     * Runs {@code test}.
     *
     * @throws LitmusException if it uses something the engine does not know
     */
    LitmusOutcome run(LitmusTest test);
}

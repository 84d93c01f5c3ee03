package kemu.report;

/** What a run or a check found. UNKNOWN is never a PASS. */
public enum Verdict {
    /** No violation. */
    PASS(0),
    /** A violation was found. */
    FAIL(1),
    /** The run ended before it could tell. */
    UNKNOWN(3);

    private final int exitCode;

    Verdict(int exitCode) {
        this.exitCode = exitCode;
    }

    /** Exit code of the process. */
    public int exitCode() {
        return exitCode;
    }
}

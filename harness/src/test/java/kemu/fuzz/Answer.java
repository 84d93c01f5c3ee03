package kemu.fuzz;

/**
 * What came of one input.
 *
 * @param code exit code
 * @param out standard output
 * @param err standard error
 * @param thrown what was thrown instead of an exit code, or null
 */
record Answer(int code, String out, String err, Throwable thrown) {
    /** An input that was taken, by what has no output of its own. */
    static final Answer TAKEN = new Answer(0, "", "", null);

    /** An input refused with {@code line}. */
    static Answer refused(String line) {
        return new Answer(2, "", "kemu: " + line + "\n", null);
    }

    /** The rule that this breaks, in one line; null if it keeps them all. */
    String violation() {
        if (thrown != null) {
            return "thrown: " + thrown;
        }
        if (code < 0 || code > 3) {
            return "exit code " + code;
        }
        if (err.contains("\tat ") || out.contains("\tat ") || err.contains("internal error")) {
            return "a stack trace";
        }
        if (code == 2 && err.lines().filter(line -> line.startsWith("kemu: ")).count() != 1) {
            return "not one line about a mistake but " + err.lines().count();
        }
        return null;
    }
}

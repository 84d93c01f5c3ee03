package kemu.trace;

import java.nio.file.Path;

/** Where traces come from. */
public final class Traces {
    private Traces() {}

    /**
     * Loads a trace: an strace log (plain, gzip or xz, told by content) or a compact file.
     *
     * @throws TraceException if it cannot be read or is no trace
     */
    public static Trace load(Path file, LoadOptions options) throws TraceException {
        throw new TraceException(file.toString(), 0, "not readable yet");
    }

    /** The small recorded build that comes with the program: 72 processes. */
    public static Trace bundled() throws TraceException {
        return load(Path.of("bundled"), LoadOptions.DEFAULT);
    }
}

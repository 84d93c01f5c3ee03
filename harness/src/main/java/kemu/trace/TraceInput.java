package kemu.trace;

import java.nio.file.Path;
import kemu.trace.model.Trace;
import kemu.trace.model.TraceException;
import picocli.CommandLine.Option;

/** Options of whoever reads a recording. */
public final class TraceInput {
    @Option(
            names = "--faults",
            paramLabel = "FILE",
            description = "page faults of every process, tab-separated with a header naming pid and minflt (default:"
                    + " medians by executable)")
    private Path faults;

    @Option(names = "--lenient", description = "skip and count lines that are not understood")
    private boolean lenient;

    /** An option that was given; null if none was. */
    public String given() {
        return faults != null ? "--faults" : lenient ? "--lenient" : null;
    }

    /** Reads {@code file} as the options say. */
    public Trace load(Path file) throws TraceException {
        return Traces.load(file, new LoadOptions(faults, lenient));
    }
}

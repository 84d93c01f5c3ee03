package kemu.trace;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import kemu.trace.model.Trace;
import kemu.trace.model.TraceException;
import kemu.trace.model.TraceNotes;
import kemu.trace.plan.FaultTable;
import kemu.trace.plan.Planner;
import kemu.trace.store.TraceCheck;
import kemu.trace.store.TraceFile;
import kemu.trace.strace.LineReader;
import kemu.trace.strace.LogInput;
import kemu.trace.strace.StraceLog;
import org.tukaani.xz.XZInputStream;

/** Loads traces: from a log, a compact file, or the recording that comes with the program. */
public final class Traces {
    /** How {@link #bundled} names itself. */
    public static final String BUNDLED = "kbuild-small";

    /** The name that means standard input. */
    public static final String STANDARD_INPUT = "-";

    private Traces() {}

    /**
     * Loads a trace: an strace log (plain, gzip or xz, told by content; a folder or prefix of {@code strace -ff}; or
     * {@code -}, standard input) or a compact file.
     *
     * @throws TraceException if it cannot be read or is no trace
     */
    public static Trace load(Path file, LoadOptions options) throws TraceException {
        if (file.toString().equals(STANDARD_INPUT)) {
            return log(file, options);
        }
        if (!StraceLog.isFolder(file) && TraceFile.isOne(file)) {
            if (options.faults() != null) {
                throw new TraceException(
                        file.toString(),
                        0,
                        "is a compact trace with its faults planned, a faults table cannot be added");
            }
            return TraceFile.read(file);
        }
        return log(file, options);
    }

    private static Trace log(Path file, LoadOptions options) throws TraceException {
        TraceNotes notes = new TraceNotes();
        FaultTable table =
                options.faults() == null ? null : FaultTable.read(options.faults(), options.lenient(), notes);
        if (!file.toString().equals(STANDARD_INPUT)) {
            StraceLog.Content log = StraceLog.read(file, options.lenient(), notes);
            return checked(Planner.plan(file.toString(), log, table, notes));
        }
        String name = "standard input";
        try (LineReader lines = new LineReader(LogInput.of(System.in, name))) {
            return checked(Planner.plan(name, StraceLog.read(lines, name, options.lenient(), notes), table, notes));
        } catch (IOException e) {
            throw new TraceException(name, 1, LogInput.reason(e));
        }
    }

    /** A log that was understood line by line may still tell of what no kernel does. */
    private static Trace checked(Trace trace) throws TraceException {
        try {
            TraceCheck.check(trace);
            return trace;
        } catch (IOException impossible) {
            throw new TraceException(trace.source(), 0, "cannot be replayed: " + impossible.getMessage());
        }
    }

    /** The small recorded build that comes with the program: 72 processes with their recorded faults. */
    public static Trace bundled() {
        TraceNotes notes = new TraceNotes();
        try (LineReader faults = resource(BUNDLED + ".faults.tsv.xz");
                LineReader lines = resource(BUNDLED + ".strace.xz")) {
            FaultTable table = FaultTable.read(faults, BUNDLED, false, notes);
            StraceLog.Content log = StraceLog.read(lines, BUNDLED, false, notes);
            return Planner.plan(BUNDLED, log, table, notes);
        } catch (IOException | TraceException e) {
            throw new IllegalStateException("bundled trace is damaged", e);
        }
    }

    private static LineReader resource(String name) throws IOException {
        InputStream in = Traces.class.getResourceAsStream(name);
        if (in == null) {
            throw new IOException("no resource " + name);
        }
        return new LineReader(new XZInputStream(in));
    }
}

package kemu.trace.plan;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kemu.trace.model.TraceException;
import kemu.trace.model.TraceNotes;
import kemu.trace.strace.LineReader;
import kemu.trace.strace.LogInput;

/**
 * Recorded faults per process: tab-separated, one header line naming the columns (a leading # is allowed), of which
 * {@code pid} and {@code minflt} are needed and {@code first_line_ms} tells two processes with the same pid apart.
 */
public final class FaultTable {
    private record Row(long firstMicros, int faults) {}

    private final Map<Integer, List<Row>> rows = new HashMap<>();
    private int size;

    private FaultTable() {}

    /** Reads a table, plain, gzip or xz. */
    public static FaultTable read(Path file, boolean lenient, TraceNotes notes) throws TraceException {
        try (LineReader in = new LineReader(LogInput.open(file))) {
            return read(in, file.toString(), lenient, notes);
        } catch (IOException e) {
            throw new TraceException(file.toString(), 1, LogInput.reason(e));
        }
    }

    /** As {@link #read(Path, boolean, TraceNotes)}, from lines already open; {@code name} stands in messages. */
    public static FaultTable read(LineReader in, String name, boolean lenient, TraceNotes notes) throws TraceException {
        FaultTable table = new FaultTable();
        try {
            if (!in.advance()) {
                throw new TraceException(name, 1, "empty faults table");
            }
            String header = text(in);
            List<String> columns = List.of((header.startsWith("#") ? header.substring(1) : header).split("\t", -1));
            int pid = columns.indexOf("pid");
            int faults = columns.indexOf("minflt");
            int first = columns.indexOf("first_line_ms");
            if (pid < 0 || faults < 0) {
                throw new TraceException(name, 1, "faults table needs tab-separated columns named pid and minflt");
            }
            while (in.advance()) {
                String[] cells = text(in).split("\t", -1);
                try {
                    if (cells.length != columns.size()) {
                        throw new NumberFormatException();
                    }
                    long micros = first < 0 ? -1 : Math.round(Double.parseDouble(cells[first]) * 1000);
                    table.add(Integer.parseInt(cells[pid]), micros, count(cells[faults]));
                } catch (NumberFormatException e) {
                    if (!lenient) {
                        throw new TraceException(
                                name,
                                in.line(),
                                "row with " + cells.length + " columns of " + columns.size() + " or a bad number");
                    }
                    notes.add("skipped: bad row of the faults table", 1);
                }
            }
        } catch (IOException e) {
            throw new TraceException(name, in.line() + 1, LogInput.reason(e));
        }
        return table;
    }

    /** Faults of the process with that pid whose first line was nearest to that time, or -1 if there is none. */
    int faults(int pid, long firstMicros) {
        Row best = null;
        for (Row r : rows.getOrDefault(pid, List.of())) {
            if (best == null || distance(r, firstMicros) < distance(best, firstMicros)) {
                best = r;
            }
        }
        return best == null ? -1 : best.faults;
    }

    /** Rows read. */
    public int size() {
        return size;
    }

    private void add(int pid, long micros, int faults) {
        rows.computeIfAbsent(pid, k -> new ArrayList<>(1)).add(new Row(micros, faults));
        size++;
    }

    private static int count(String cell) {
        int n = Integer.parseInt(cell);
        if (n < 0) {
            throw new NumberFormatException();
        }
        return n;
    }

    private static long distance(Row r, long micros) {
        return Math.abs(r.firstMicros - micros);
    }

    private static String text(LineReader in) {
        return new String(in.buffer(), in.start(), in.end() - in.start(), StandardCharsets.ISO_8859_1);
    }
}

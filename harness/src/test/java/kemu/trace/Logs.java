package kemu.trace;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import kemu.trace.model.Op;
import kemu.trace.model.Program;
import kemu.trace.model.Trace;
import kemu.trace.model.TraceException;
import kemu.trace.model.TraceNotes;
import kemu.trace.plan.FaultTable;
import kemu.trace.plan.Planner;
import kemu.trace.strace.LineReader;
import kemu.trace.strace.StraceLog;

/** Small logs in tests: lines without a time get one, a microsecond after another. */
final class Logs {
    private Logs() {}

    /** {@code PID REST} lines become {@code PID TIME REST}. */
    static String timed(String text) {
        StringBuilder out = new StringBuilder();
        int micros = 0;
        for (String line : text.lines().toList()) {
            int blank = line.indexOf(' ');
            String pid = line.substring(0, blank);
            out.append(String.format("%-5s 1700000000.%06d %s%n", pid, micros++, line.substring(blank + 1)));
        }
        return out.toString();
    }

    static Trace plan(String text) throws TraceException {
        return plan(text, false);
    }

    static Trace plan(String text, boolean lenient) throws TraceException {
        return planTimed(timed(text), lenient);
    }

    static Trace planTimed(String text, boolean lenient) throws TraceException {
        return planTimed(text, lenient, -1);
    }

    /** With so many faults for every process, or medians if negative. */
    static Trace planTimed(String text, boolean lenient, int faults) throws TraceException {
        TraceNotes notes = new TraceNotes();
        LineReader in = new LineReader(new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)));
        StraceLog.Content log = StraceLog.read(in, "log", lenient, notes);
        FaultTable table = null;
        if (faults >= 0) {
            StringBuilder rows = new StringBuilder("pid\tminflt\n");
            log.tasks()
                    .forEach(t ->
                            rows.append(t.pid()).append('\t').append(faults).append('\n'));
            byte[] bytes = rows.toString().getBytes(StandardCharsets.ISO_8859_1);
            table = FaultTable.read(new LineReader(new ByteArrayInputStream(bytes)), "faults", lenient, notes);
        }
        return Planner.plan("log", log, table, notes);
    }

    /** Ops of the task with that id, touches left out, as text. */
    static List<String> ops(Trace trace, int id) {
        Program p = trace.proc(id).program();
        return java.util.stream.IntStream.range(0, p.size())
                .filter(i -> p.op(i) < Op.TOUCH_READ)
                .mapToObj(p::describe)
                .toList();
    }
}

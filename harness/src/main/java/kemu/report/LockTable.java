package kemu.report;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import kemu.locks.LockFigures;

/** What was measured of locks, in a report: nothing if nothing was. */
final class LockTable {
    /** Rows that are printed; run.json has all. */
    private static final int MOST_ROWS = 16;

    private LockTable() {}

    /** Prints the first rows of {@code locks}. */
    static void print(List<LockFigures> locks, PrintStream out) {
        if (locks.isEmpty()) {
            return;
        }
        out.printf(
                "%-30s %-8s %11s %10s %9s %9s %9s %9s %9s %9s%n",
                "locks (us)",
                "kind",
                "acquired",
                "contended",
                "wait ms",
                "wait p99",
                "wait max",
                "hold ms",
                "hold p99",
                "hold max");
        for (LockFigures one : locks.subList(0, Math.min(MOST_ROWS, locks.size()))) {
            out.printf(
                    Locale.ROOT,
                    "%-30s %-8s %11d %10d %9.1f %9s %9.1f %9.1f %9s %9.1f%n",
                    one.name(),
                    one.kind(),
                    one.holds().count(),
                    one.waits().count(),
                    one.waits().sum() / 1e6,
                    percentile(one.waits().p99()),
                    one.waits().max() / 1e3,
                    one.holds().sum() / 1e6,
                    percentile(one.holds().p99()),
                    one.holds().max() / 1e3);
        }
        if (locks.size() > MOST_ROWS) {
            out.println("and " + (locks.size() - MOST_ROWS) + " more, in run.json");
        }
    }

    private static String percentile(long nanos) {
        return nanos == LockFigures.UNKNOWN ? "-" : String.format(Locale.ROOT, "%.2f", nanos / 1e3);
    }

    /** Writes all rows as the array {@code locks}. */
    static void write(List<LockFigures> locks, JsonGenerator out) throws IOException {
        if (locks.isEmpty()) {
            return;
        }
        out.writeArrayFieldStart("locks");
        for (LockFigures one : locks) {
            out.writeStartObject();
            out.writeStringField("class", one.lockClass());
            out.writeStringField("kind", one.kind());
            out.writeStringField("mode", one.mode());
            times(out, "wait_ns", one.waits());
            times(out, "hold_ns", one.holds());
            out.writeEndObject();
        }
        out.writeEndArray();
    }

    private static void times(JsonGenerator out, String name, LockFigures.Times times) throws IOException {
        out.writeObjectFieldStart(name);
        out.writeNumberField("count", times.count());
        out.writeNumberField("sum", times.sum());
        if (times.p99() != LockFigures.UNKNOWN) {
            out.writeNumberField("p50", times.p50());
            out.writeNumberField("p99", times.p99());
        }
        out.writeNumberField("max", times.max());
        out.writeEndObject();
    }
}

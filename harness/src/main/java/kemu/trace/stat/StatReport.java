package kemu.trace.stat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;
import kemu.trace.model.Op;

/** Writes a {@link TraceStat} as text for people, or as JSON for programs. */
public final class StatReport {
    private static final int SCHEMA = 1;

    private StatReport() {}

    /** Prints text; {@code rows} limits the table of images. */
    public static void render(TraceStat s, PrintStream out, int rows) {
        int last = s.trace().procCount();
        out.printf(
                Locale.ROOT,
                "%s: %d processes, %d threads, %d roots, %s%n",
                s.trace().source(),
                s.recordedProcesses(),
                s.recordedThreads(),
                s.trace().rootCount(),
                s.timed() ? String.format(Locale.ROOT, "%.1f s recorded", last == 0 ? 0.0 : seconds(s)) : "no times");
        out.println("form: " + s.trace().form().text());
        if (!s.trace().form().lacks().isEmpty()) {
            out.println("lacks: " + String.join(", ", s.trace().form().lacks()));
        }
        out.printf(
                Locale.ROOT,
                "created: %d vfork, %d posix_spawn, %d fork, %d thread; depth %d, at most %d alive at once%n",
                s.ops(Op.VFORK),
                s.ops(Op.SPAWN),
                s.ops(Op.FORK),
                s.ops(Op.THREAD),
                s.depth(),
                s.maxLive());
        out.printf(
                Locale.ROOT,
                "execve: %d succeed, %d fail; wait4: %d reap, %d do not%n",
                s.execs(),
                s.ops(Op.EXEC_FAIL),
                s.ops(Op.WAIT),
                s.ops(Op.WAIT_NONE));
        out.print("calls:");
        s.calls().forEach((name, n) -> out.print(" " + name + " " + n));
        out.printf(
                Locale.ROOT,
                "%nmapped: %.2f GB by mmap, %.2f GB by heap growth, %d files%n",
                s.mappedBytes() / 1e9,
                s.heapGrowthBytes() / 1e9,
                s.trace().files().size());
        out.printf(
                Locale.ROOT,
                "faults planned: %d (%d reads, %d writes), %d pages accessed again%n",
                s.trace().plannedFaults(),
                s.pages(Op.TOUCH_READ),
                s.pages(Op.TOUCH_WRITE),
                s.pages(Op.RETOUCH_READ) + s.pages(Op.RETOUCH_WRITE));
        out.println("exit codes: " + s.exitCodes());
        out.println("ends: " + s.exits() + " exits, " + s.kills() + " kills");
        if (s.timed()) {
            out.println("lifetime ms (upper bound: processes): " + lifetimes(s));
        }
        s.trace().notes().counts().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(e -> out.println("note: " + e.getKey() + ": " + e.getValue()));
        images(s, out, rows);
    }

    private static void images(TraceStat s, PrintStream out, int rows) {
        out.printf(
                "%n%-44s %7s %9s %8s %8s %9s %9s %13s %13s%n",
                "image (median/p90)", "count", "mmap", "munmap", "mprotect", "brk", "VMAs", "private KiB", "faults");
        int left = rows;
        for (ImageStats.Row r : s.images()) {
            if (left-- == 0) {
                out.println("... " + (s.images().size() - rows) + " more");
                return;
            }
            String name = r.name().length() > 44 ? r.name().substring(0, 43) + "~" : r.name();
            out.printf("%-44s %7d", name, r.count());
            int[] widths = {9, 8, 8, 9, 9, 13, 13};
            for (int c = 0; c < widths.length; c++) {
                out.printf(" %" + widths[c] + "s", r.percentile(c, 50) + "/" + r.percentile(c, 90));
            }
            out.println();
        }
    }

    private static String lifetimes(TraceStat s) {
        StringBuilder b = new StringBuilder();
        long[] n = s.lifetimes();
        for (int i = 0; i < n.length; i++) {
            int[] bounds = TraceStat.LIFETIME_MS;
            b.append(i == 0 ? "" : " ").append(i < bounds.length ? bounds[i] + ":" : ">" + bounds[i - 1] + ":");
            b.append(n[i]);
        }
        return b.toString();
    }

    private static double seconds(TraceStat s) {
        long end = 0;
        for (int i = 0; i < s.trace().procCount(); i++) {
            end = Math.max(end, s.trace().proc(i).endMicros());
        }
        return end / 1e6;
    }

    /** Writes the same as one JSON object; the stream stays open. */
    public static void writeJson(TraceStat s, OutputStream out) throws IOException {
        try (JsonGenerator g = new JsonFactory().createGenerator(out)) {
            g.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            g.useDefaultPrettyPrinter();
            g.writeStartObject();
            g.writeNumberField("schema", SCHEMA);
            g.writeStringField("source", s.trace().source());
            g.writeStringField("form", s.trace().form().text());
            g.writeArrayFieldStart("lacks");
            for (String what : s.trace().form().lacks()) {
                g.writeString(what);
            }
            g.writeEndArray();
            g.writeNumberField("processes", s.recordedProcesses());
            g.writeNumberField("threads", s.recordedThreads());
            g.writeNumberField("exits", s.exits());
            g.writeNumberField("kills", s.kills());
            g.writeNumberField("roots", s.trace().rootCount());
            g.writeNumberField("recorded_s", seconds(s));
            g.writeNumberField("depth", s.depth());
            g.writeNumberField("max_live", s.maxLive());
            numbers(g, "calls", s.calls());
            g.writeNumberField("exec_ok", s.execs());
            g.writeNumberField("exec_fail", s.ops(Op.EXEC_FAIL));
            g.writeNumberField("mapped_bytes", s.mappedBytes());
            g.writeNumberField("heap_growth_bytes", s.heapGrowthBytes());
            g.writeNumberField("faults_planned", s.trace().plannedFaults());
            g.writeNumberField("pages_retouched", s.pages(Op.RETOUCH_READ) + s.pages(Op.RETOUCH_WRITE));
            numbers(g, "exit_codes", s.exitCodes());
            g.writeArrayFieldStart("lifetime_ms");
            long[] n = s.lifetimes();
            for (int i = 0; i < n.length; i++) {
                g.writeStartObject();
                if (i < TraceStat.LIFETIME_MS.length) {
                    g.writeNumberField("below", TraceStat.LIFETIME_MS[i]);
                }
                g.writeNumberField("processes", n[i]);
                g.writeEndObject();
            }
            g.writeEndArray();
            numbers(g, "notes", s.trace().notes().counts());
            imagesJson(g, s);
            g.writeEndObject();
        }
    }

    private static void imagesJson(JsonGenerator g, TraceStat s) throws IOException {
        g.writeArrayFieldStart("images");
        for (ImageStats.Row r : s.images()) {
            g.writeStartObject();
            g.writeStringField("name", r.name());
            g.writeNumberField("count", r.count());
            for (int c = 0; c < ImageStats.COLUMNS.size(); c++) {
                g.writeArrayFieldStart(ImageStats.COLUMNS.get(c) + "_p50_p90");
                g.writeNumber(r.percentile(c, 50));
                g.writeNumber(r.percentile(c, 90));
                g.writeEndArray();
            }
            g.writeEndObject();
        }
        g.writeEndArray();
    }

    private static <K> void numbers(JsonGenerator g, String name, Map<K, Long> m) throws IOException {
        g.writeObjectFieldStart(name);
        for (Map.Entry<K, Long> e : m.entrySet()) {
            g.writeNumberField(String.valueOf(e.getKey()), e.getValue());
        }
        g.writeEndObject();
    }
}

package kemu.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import kemu.hw.cpu.Cpu;
import kemu.latency.Latencies;
import kemu.locks.LockFigures;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;
import kemu.results.RunResults;
import org.HdrHistogram.Histogram;

/** The result of a run: values in order, latencies, counters, notes and the verdict. */
public final class RunReport {
    private static final double[] PERCENTILES = {50, 90, 99, 99.9};

    private record Series(String tag, long count, long[] atPercentile, long max) {}

    private final String verb;
    private final String workload;
    private Map<String, Object> configuration = Map.of();
    private final Map<String, Object> values = new LinkedHashMap<>();
    private final List<Series> series = new ArrayList<>();
    private List<LockFigures> locks = List.of();
    private final Map<String, Long> counters = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();
    private Verdict verdict = Verdict.PASS;
    private String kind = "";
    private String cause = "";
    private String failure;

    /** An empty report of {@code verb} on {@code workload}; the verdict is PASS until somebody objects. */
    public RunReport(String verb, String workload) {
        this.verb = verb;
        this.workload = workload;
    }

    /** All that was asked for, whether it is the default or not. */
    public void configuration(Map<String, Object> all) {
        configuration = new LinkedHashMap<>(all);
    }

    /** Adds a value; the key ends with its unit where it has one. */
    public void put(String key, Object value) {
        values.put(key, value);
    }

    /** Adds a line for the reader. */
    public void note(String line) {
        notes.add(line);
    }

    /** A violation of kind {@code what} if {@code violated}. */
    public void failIf(boolean violated, String what) {
        if (violated && verdict != Verdict.FAIL) {
            verdict = Verdict.FAIL;
            kind = what;
        }
    }

    /** What brought a failure about, in sentences; empty if that is not known. Stands at the top. */
    public void cause(String sentences) {
        cause = sentences;
    }

    /** The kernel stopped with {@code bug}. */
    public void fail(String what, Throwable bug) {
        failIf(true, what);
        StringBuilder text = new StringBuilder(String.valueOf(bug.getMessage()));
        for (StackTraceElement frame : bug.getStackTrace()) {
            if (frame.getClassName().startsWith("kemu.")) {
                text.append("\n    at ").append(frame);
            }
        }
        failure = text.toString();
    }

    /**
     * The run does not say that its work was done, because of {@code reason}, in one word {@code what}; does not weaken
     * a violation.
     */
    public void unknown(String what, String reason) {
        if (verdict == Verdict.PASS) {
            verdict = Verdict.UNKNOWN;
            kind = what;
        }
        notes.add(reason);
    }

    /** The verdict so far. */
    public Verdict verdict() {
        return verdict;
    }

    /** What was found, or why nothing can be said, in one word; empty with a PASS. */
    public String kind() {
        return kind;
    }

    /** The value stored under {@code key}, or null. */
    public Object value(String key) {
        return values.get(key);
    }

    /** All values, in order. */
    public Map<String, Object> values() {
        return java.util.Collections.unmodifiableMap(values);
    }

    /** What {@link #print} prints. */
    public String text() {
        java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
        print(new PrintStream(bytes, true, java.nio.charset.StandardCharsets.UTF_8));
        return bytes.toString(java.nio.charset.StandardCharsets.UTF_8);
    }

    /** What the kernel said when it stopped, or null. */
    public String failure() {
        return failure;
    }

    /** What {@link #cause(String)} was given. */
    public String cause() {
        return cause;
    }

    /** Lines for the reader, in order. */
    public List<String> notes() {
        return java.util.Collections.unmodifiableList(notes);
    }

    /** Takes the totals of every series that recorded something. */
    public void latencies(Latencies latencies) {
        for (int tag = 0; tag < latencies.names().size(); tag++) {
            latency(latencies.names().get(tag), latencies.total(tag));
        }
    }

    /** Takes the latencies {@code total} of the operation {@code tag}, if there are any. */
    public void latency(String tag, Histogram total) {
        if (total.getTotalCount() != 0) {
            long[] at = new long[PERCENTILES.length];
            for (int i = 0; i < at.length; i++) {
                at[i] = total.getValueAtPercentile(PERCENTILES[i]);
            }
            series.add(new Series(tag, total.getTotalCount(), at, total.getMaxValue()));
        }
    }

    /** Takes what was measured of locks, those first that matter most. */
    public void locks(List<LockFigures> measured) {
        locks = List.copyOf(measured);
    }

    /** Takes the counters of /proc/vmstat. */
    public void counters(VmStat vmStat, Cpu cpu) {
        for (VmStatItem item : VmStatItem.values()) {
            counters.put(item.key(), vmStat.sum(cpu, item));
        }
    }

    /** Takes counters by their names. */
    public void counters(Map<String, Long> all) {
        counters.putAll(all);
    }

    /** Prints the report; its last line is the SUMMARY. */
    public void print(PrintStream out) {
        if (!cause.isEmpty()) {
            out.println(cause);
        }
        if (failure != null) {
            out.println(failure);
        }
        printLatencies(out);
        LockTable.print(locks, out);
        printCounters(out);
        notes.forEach(note -> out.println("note: " + note));
        out.println(summary());
    }

    private void printLatencies(PrintStream out) {
        if (series.isEmpty()) {
            return;
        }
        out.printf(
                "%-22s %12s %10s %10s %10s %10s %12s%n", "latency (us)", "count", "p50", "p90", "p99", "p99.9", "max");
        for (Series one : series) {
            out.printf(
                    Locale.ROOT,
                    "%-22s %12d %10.2f %10.2f %10.2f %10.2f %12.2f%n",
                    one.tag,
                    one.count,
                    one.atPercentile[0] / 1e3,
                    one.atPercentile[1] / 1e3,
                    one.atPercentile[2] / 1e3,
                    one.atPercentile[3] / 1e3,
                    one.max / 1e3);
        }
    }

    private void printCounters(PrintStream out) {
        StringBuilder line = new StringBuilder();
        for (Map.Entry<String, Long> counter : counters.entrySet()) {
            if (counter.getValue() != 0) {
                String item = counter.getKey() + " " + counter.getValue();
                if (line.length() + item.length() > 110) {
                    out.println(line);
                    line.setLength(0);
                }
                line.append(line.isEmpty() ? "" : "  ").append(item);
            }
        }
        if (!line.isEmpty()) {
            out.println(line);
        }
    }

    /** The line that scripts read. */
    public String summary() {
        StringBuilder line = new StringBuilder(400);
        line.append("SUMMARY verb=").append(verb).append(" workload=").append(workload);
        line.append(" verdict=").append(verdict);
        if (!kind.isEmpty()) {
            line.append(" kind=").append(kind);
        }
        for (Map.Entry<String, Object> value : values.entrySet()) {
            line.append(' ').append(value.getKey()).append('=').append(plain(value.getValue()));
        }
        return line.toString();
    }

    private static String plain(Object value) {
        if (value instanceof Double number) {
            return String.format(Locale.ROOT, number >= 1000 ? "%.0f" : "%.3f", number);
        }
        return String.valueOf(value).replace(' ', '_');
    }

    /**
     * The text of {@code run.json}.
     *
     * @param arguments the command line as typed, without the program's name
     */
    public String json(List<String> arguments) {
        StringWriter text = new StringWriter();
        try {
            writeJson(text, arguments);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible); // it is in memory
        }
        return text.toString();
    }

    /** Writes {@code all} as the object {@code name}. */
    public static void writeConfiguration(JsonGenerator out, String name, Map<String, Object> all) throws IOException {
        out.writeObjectFieldStart(name);
        for (Map.Entry<String, Object> one : all.entrySet()) {
            if (one.getValue() instanceof List<?> list) {
                out.writeArrayFieldStart(one.getKey());
                for (Object item : list) {
                    out.writeString(String.valueOf(item));
                }
                out.writeEndArray();
            } else {
                out.writePOJOField(one.getKey(), one.getValue());
            }
        }
        out.writeEndObject();
    }

    private void writeJson(Writer text, List<String> arguments) throws IOException {
        try (JsonGenerator out = new JsonFactory().createGenerator(text)) {
            out.useDefaultPrettyPrinter();
            out.writeStartObject();
            out.writeNumberField("schema", RunResults.SCHEMA);
            out.writeStringField("verb", verb);
            Provenance.write(out, arguments);
            out.writeStringField("workload", workload);
            out.writeStringField("verdict", verdict.name());
            out.writeStringField("kind", kind);
            writeConfiguration(out, RunResults.CONFIGURATION, configuration);
            for (Map.Entry<String, Object> value : values.entrySet()) {
                out.writePOJOField(value.getKey(), value.getValue());
            }
            if (!cause.isEmpty()) {
                out.writeStringField("cause", cause);
            }
            if (failure != null) {
                out.writeStringField("failure", failure);
            }
            writeSeries(out);
            LockTable.write(locks, out);
            out.writeObjectFieldStart("counters");
            for (Map.Entry<String, Long> counter : counters.entrySet()) {
                out.writeNumberField(counter.getKey(), counter.getValue());
            }
            out.writeEndObject();
            out.writeArrayFieldStart("notes");
            for (String note : notes) {
                out.writeString(note);
            }
            out.writeEndArray();
            out.writeEndObject();
            out.writeRaw('\n');
        }
    }

    private void writeSeries(JsonGenerator out) throws IOException {
        out.writeObjectFieldStart("latencies_ns");
        for (Series one : series) {
            out.writeObjectFieldStart(one.tag);
            out.writeNumberField("count", one.count);
            out.writeNumberField("p50", one.atPercentile[0]);
            out.writeNumberField("p90", one.atPercentile[1]);
            out.writeNumberField("p99", one.atPercentile[2]);
            out.writeNumberField("p99_9", one.atPercentile[3]);
            out.writeNumberField("max", one.max);
            out.writeEndObject();
        }
        out.writeEndObject();
    }
}

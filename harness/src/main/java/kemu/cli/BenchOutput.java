package kemu.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;
import kemu.host.SafeFiles;
import kemu.host.Stop;

/** What the benchmarks of single workloads have in common: their table, SUMMARY, {@code bench.json} and page. */
final class BenchOutput {
    private static final int SCHEMA = 1;

    private final String benchmark;
    private final Path out;
    private final boolean quick;
    private final PrintStream progress;
    private final StringBuilder table = new StringBuilder();

    /** Writes to {@code out}. With {@code quick}, nothing is told but that it works. */
    BenchOutput(String benchmark, Path out, boolean quick, PrintStream progress) {
        this.benchmark = benchmark;
        this.out = out;
        this.quick = quick;
        this.progress = progress;
    }

    /** Fields of an object of {@code bench.json}. */
    @FunctionalInterface
    interface Fields<T> {
        void write(JsonGenerator json, T of) throws IOException;
    }

    /** Writes the page with pictures to {@code file}; it shows {@code table}, too. */
    @FunctionalInterface
    interface Page {
        void write(Path file, String table) throws IOException;
    }

    /** Whether too little is measured to tell a figure. */
    boolean quick() {
        return quick;
    }

    /** A line of the table. */
    void line(String text) {
        System.out.println(text);
        table.append(text).append('\n');
    }

    /** What is measured now. */
    void step(String what) {
        progress.println("kemu: bench " + benchmark + ": " + what);
    }

    /** The beginning of the SUMMARY, with {@code own} before the number of cells. */
    StringBuilder summary(String own, int cells) {
        return new StringBuilder("SUMMARY verb=bench verdict=")
                .append(Stop.requested() ? "UNKNOWN" : "PASS")
                .append(" interrupted=")
                .append(Stop.requested())
                .append(" quick=")
                .append(quick)
                .append(own)
                .append(" cells=")
                .append(cells);
    }

    /** Writes the files of {@code plan} and {@code cells}, and prints the SUMMARY; returns the exit code. */
    <P, C> int end(StringBuilder summary, P plan, Fields<P> ofPlan, List<C> cells, Fields<C> ofCell, Page page) {
        int code = Stop.requested() ? Main.UNKNOWN : 0;
        try {
            SafeFiles.writeText(out.resolve("bench.json"), writer -> json(plan, ofPlan, cells, ofCell, writer));
            page.write(out.resolve("bench.html"), table.toString());
        } catch (IOException unwritable) {
            System.err.println("kemu: " + out + ": not written: " + SafeFiles.reason(unwritable));
            code = code == 0 ? Main.INTERNAL : code;
        }
        System.out.println(summary);
        return code;
    }

    private <P, C> void json(P plan, Fields<P> ofPlan, List<C> cells, Fields<C> ofCell, Writer writer)
            throws IOException {
        try (JsonGenerator json = new JsonFactory().createGenerator(writer)) {
            json.useDefaultPrettyPrinter();
            json.writeStartObject();
            json.writeNumberField("schema", SCHEMA);
            json.writeStringField("verb", "bench");
            json.writeStringField("benchmark", benchmark);
            json.writeStringField("version", Version.current());
            json.writeBooleanField("interrupted", Stop.requested());
            json.writeBooleanField("quick", quick);
            ofPlan.write(json, plan);
            json.writeArrayFieldStart("cells");
            for (C one : cells) {
                json.writeStartObject();
                ofCell.write(json, one);
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
    }
}

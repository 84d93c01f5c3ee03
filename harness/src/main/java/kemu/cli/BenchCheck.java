package kemu.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import kemu.bench.CheckBench;
import kemu.bench.CheckBench.Figure;
import kemu.host.SafeFiles;
import kemu.host.Stop;

/** What {@code kemu bench check} says, and its {@code bench.json}. */
final class BenchCheck {
    private static final int SCHEMA = 1;

    private final Path out;
    private final PrintStream progress;

    BenchCheck(Path out, PrintStream progress) {
        this.out = out;
        this.progress = progress;
    }

    /** Measures and prints; returns the exit code. */
    int print(CheckBench bench) {
        List<Figure> figures = bench.run(step -> progress.println("kemu: bench check: " + step), this::print);
        StringBuilder summary = new StringBuilder("SUMMARY verb=bench verdict=");
        // Figures that are missing were not measured; those there are hold.
        summary.append(Stop.requested() ? "UNKNOWN" : "PASS")
                .append(" interrupted=")
                .append(Stop.requested());
        figures.forEach(one -> summary.append(' ').append(one.key()).append('=').append(text(one)));
        Path file = out.resolve("bench.json");
        int code = Stop.requested() ? Main.UNKNOWN : 0;
        try {
            SafeFiles.writeText(file, writer -> json(figures, writer));
        } catch (IOException unwritable) {
            System.err.println("kemu: " + file + ": not written: " + SafeFiles.reason(unwritable));
            code = code == 0 ? Main.INTERNAL : code;
        }
        System.out.println(summary);
        return code;
    }

    private void print(Figure one) {
        System.out.printf("%-34s %16s   %s%n", one.key(), text(one), one.reproduce());
    }

    private static String text(Figure one) {
        boolean whole = one.value() == Math.rint(one.value()) || one.value() > 1_000;
        return String.format(Locale.ROOT, whole ? "%.0f" : "%.3f", one.value());
    }

    private static void json(List<Figure> figures, Writer writer) throws IOException {
        try (JsonGenerator json = new JsonFactory().createGenerator(writer)) {
            json.useDefaultPrettyPrinter();
            json.writeStartObject();
            json.writeNumberField("schema", SCHEMA);
            json.writeStringField("verb", "bench");
            json.writeStringField("version", Version.current());
            json.writeBooleanField("interrupted", Stop.requested());
            json.writeArrayFieldStart("figures");
            for (Figure one : figures) {
                json.writeStartObject();
                json.writeStringField("key", one.key());
                json.writeNumberField("value", one.value());
                json.writeStringField("reproduce", one.reproduce());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
    }
}

package kemu.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import kemu.bench.CheckBench.Figure;

/** What {@code kemu bench check} says, and its {@code bench.json}. */
final class BenchCheck {
    private static final int SCHEMA = 1;

    private final Path out;

    BenchCheck(Path out) {
        this.out = out;
    }

    /** Prints the figures; returns the exit code. */
    int print(List<Figure> figures) throws IOException {
        StringBuilder summary = new StringBuilder("SUMMARY verb=bench verdict=PASS");
        for (Figure one : figures) {
            boolean whole = one.value() == Math.rint(one.value()) || one.value() > 1_000;
            String value = String.format(Locale.ROOT, whole ? "%.0f" : "%.3f", one.value());
            System.out.printf("%-34s %16s   %s%n", one.key(), value, one.reproduce());
            summary.append(' ').append(one.key()).append('=').append(value);
        }
        Files.createDirectories(out);
        JsonFactory factory = new JsonFactory();
        try (JsonGenerator json = factory.createGenerator(Files.newBufferedWriter(out.resolve("bench.json")))) {
            json.useDefaultPrettyPrinter();
            json.writeStartObject();
            json.writeNumberField("schema", SCHEMA);
            json.writeStringField("verb", "bench");
            json.writeStringField("version", Version.current());
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
        System.out.println(summary);
        return 0;
    }
}

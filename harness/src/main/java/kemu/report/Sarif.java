package kemu.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import kemu.host.SafeFiles;

/**
 * Failures in SARIF 2.1.0 (OASIS), which code hosts and editors show. A failure of kemu is in no line of a source file:
 * its place is the schedule that repeats it, and by name the scenario, variant and memory model.
 */
public final class Sarif {
    private static final String SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json";

    /**
     * A failure.
     *
     * @param rule the kind of failure
     * @param message what happened, one line
     * @param name scenario, variant and model, with slashes between them
     * @param schedule the file that repeats it; null if there is none
     */
    public record Failure(String rule, String message, String name, String schedule) {}

    private Sarif() {}

    /** Writes {@code failures}, of which there may be none, to {@code file}. */
    public static void write(Path file, List<Failure> failures) throws IOException {
        SafeFiles.writeText(file, text -> {
            try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
                json.useDefaultPrettyPrinter();
                json.writeStartObject();
                json.writeStringField("$schema", SCHEMA);
                json.writeStringField("version", "2.1.0");
                json.writeArrayFieldStart("runs");
                json.writeStartObject();
                driver(json, failures);
                json.writeArrayFieldStart("results");
                for (Failure one : failures) {
                    result(json, one);
                }
                json.writeEndArray();
                json.writeEndObject();
                json.writeEndArray();
                json.writeEndObject();
                json.writeRaw('\n');
            }
        });
    }

    private static void driver(JsonGenerator json, List<Failure> failures) throws IOException {
        json.writeObjectFieldStart("tool");
        json.writeObjectFieldStart("driver");
        json.writeStringField("name", "kemu");
        json.writeStringField("version", Provenance.version());
        json.writeArrayFieldStart("rules");
        for (String rule :
                failures.stream().map(Failure::rule).distinct().sorted().toList()) {
            json.writeStartObject();
            json.writeStringField("id", rule);
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void result(JsonGenerator json, Failure failure) throws IOException {
        json.writeStartObject();
        json.writeStringField("ruleId", failure.rule);
        json.writeStringField("level", "error");
        json.writeObjectFieldStart("message");
        json.writeStringField("text", failure.message);
        json.writeEndObject();
        json.writeArrayFieldStart("locations");
        json.writeStartObject();
        if (failure.schedule != null) {
            json.writeObjectFieldStart("physicalLocation");
            json.writeObjectFieldStart("artifactLocation");
            json.writeStringField("uri", uri(failure.schedule));
            json.writeEndObject();
            json.writeEndObject();
        }
        json.writeArrayFieldStart("logicalLocations");
        json.writeStartObject();
        json.writeStringField("fullyQualifiedName", failure.name);
        json.writeEndObject();
        json.writeEndArray();
        json.writeEndObject();
        json.writeEndArray();
        // The same place and kind is the same failure, whatever was found of it this time.
        json.writeObjectFieldStart("partialFingerprints");
        json.writeStringField("subject/v1", failure.rule + " " + failure.name);
        json.writeEndObject();
        json.writeEndObject();
    }

    /** A path as SARIF takes it: an absolute URI, or a relative one with slashes. */
    private static String uri(String path) {
        Path file = Path.of(path);
        if (file.isAbsolute()) {
            return file.toUri().toString();
        }
        String base = Path.of("").toUri().toString();
        return file.toUri().toString().substring(base.length());
    }
}

package kemu.check.matrix;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import kemu.check.Scenarios;
import kemu.check.matrix.Cell.Status;
import kemu.check.scenario.Bug;
import kemu.host.SafeFiles;
import kemu.hw.explore.Result;
import kemu.hw.mem.FailureKind;
import kemu.report.Provenance;

/** The matrix as {@code check.json}. It holds no time: the same seed gives the same bytes. */
public final class MatrixJson {
    /** Goes up when a key changes its meaning or goes away. */
    private static final int SCHEMA = 1;

    private MatrixJson() {}

    /** Writes {@code file}; {@code arguments} is the command line. */
    public static void write(Path file, Matrix matrix, List<String> arguments) throws IOException {
        SafeFiles.writeText(file, out -> {
            try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
                json.useDefaultPrettyPrinter();
                json.writeStartObject();
                json.writeNumberField("schema", SCHEMA);
                json.writeStringField("verb", "check");
                json.writeStringField("scenario", matrix.scope());
                Provenance.write(json, arguments);
                json.writeStringField("model", matrix.model());
                json.writeStringField("search", matrix.search());
                json.writeNumberField("seed", matrix.seed());
                json.writeStringField("verdict", matrix.verdict().name());
                counts(json, matrix);
                json.writeArrayFieldStart("table");
                for (Cell cell : matrix.cells()) {
                    cell(json, cell);
                }
                json.writeEndArray();
                notYet(json);
                json.writeEndObject();
                json.writeRaw('\n');
            }
        });
    }

    private static void counts(JsonGenerator json, Matrix matrix) throws IOException {
        json.writeNumberField("cells", matrix.applicable());
        json.writeNumberField("differ", matrix.count(Status.DIFFERS));
        json.writeNumberField("unknown", matrix.open());
        json.writeNumberField("kinds_differ", matrix.count(Status.KIND_DIFFERS));
        json.writeNumberField("broken", matrix.count(Status.BROKEN));
        json.writeNumberField("not_applicable", matrix.count(Status.NOT_APPLICABLE));
    }

    private static void cell(JsonGenerator json, Cell cell) throws IOException {
        json.writeStartObject();
        json.writeStringField("scenario", cell.subject().scenario());
        json.writeStringField("variant", cell.subject().variant());
        bugs(json, cell);
        json.writeStringField("status", cell.status().words());
        if (cell.expected().verdict() != null) {
            json.writeStringField("expected", cell.expected().verdict().name());
            json.writeArrayFieldStart("expected_kinds");
            for (FailureKind kind : cell.expected().kinds()) {
                json.writeString(kind.word());
            }
            json.writeEndArray();
        }
        if (cell.found() != null) {
            json.writeStringField("found", cell.found().verdict().name());
            if (cell.found().kind() != null) {
                json.writeStringField("found_kind", cell.found().kind().word());
                json.writeStringField("said", cell.headline());
            }
            if (!cell.found().notExplored().isEmpty()) {
                json.writeStringField("not_explored", cell.found().notExplored());
            }
            result(json, cell.found().result());
        }
        if (!cell.remark().isEmpty()) {
            json.writeStringField("remark", cell.remark().replace("*", ""));
        }
        if (cell.replay() != null) {
            json.writeStringField("schedule", cell.replay());
        }
        json.writeEndObject();
    }

    /** What kernels were as the variant is. */
    private static void bugs(JsonGenerator json, Cell cell) throws IOException {
        List<Bug> bugs = cell.shippedBugs();
        if (!bugs.isEmpty()) {
            json.writeArrayFieldStart("bugs");
            for (Bug bug : bugs) {
                json.writeStartObject();
                json.writeStringField("title", bug.title());
                json.writeStringField("kernels", bug.kernels());
                json.writeStringField("cause", bug.cause());
                json.writeStringField("fix", bug.fix());
                json.writeEndObject();
            }
            json.writeEndArray();
        }
    }

    private static void result(JsonGenerator json, Result result) throws IOException {
        if (result != null) {
            json.writeNumberField("executions", result.executions());
            json.writeNumberField("steps_total", result.steps());
            json.writeStringField("bounds", result.bounds());
        }
    }

    private static void notYet(JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("not_yet");
        for (Map.Entry<String, String> row : Scenarios.notYet().entrySet()) {
            json.writeStringField(row.getKey(), "waits for " + row.getValue());
        }
        json.writeEndObject();
    }
}

package kemu.compare;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;
import kemu.host.SafeFiles;
import kemu.report.Provenance;
import kemu.report.RunReport;
import kemu.results.RunResults;

/** A comparison as JSON. */
public final class CompareJson {
    /** Its name in {@code --out}. */
    public static final String NAME = "compare.json";

    private static final int SCHEMA = 1;

    private CompareJson() {}

    /** Writes {@code file}; {@code arguments} is the command line as typed. */
    public static void write(Path file, Comparison all, List<String> arguments) throws IOException {
        SafeFiles.writeText(file, text -> write(text, all, arguments));
    }

    private static void write(Writer text, Comparison all, List<String> arguments) throws IOException {
        try (JsonGenerator out = new JsonFactory().createGenerator(text)) {
            out.useDefaultPrettyPrinter();
            out.writeStartObject();
            out.writeNumberField("schema", SCHEMA);
            out.writeStringField("verb", "compare");
            Provenance.write(out, arguments);
            out.writeStringField("test", "Mann-Whitney U, two-sided, of values of intervals");
            out.writeNumberField("p_below", Comparison.CHANCE);
            out.writeNumberField("least_intervals", Comparison.FEWEST_INTERVALS);
            out.writeArrayFieldStart("runs");
            for (int i = 0; i < all.runs().size(); i++) {
                RunResults run = all.runs().get(i);
                out.writeStartObject();
                out.writeStringField("name", all.names().get(i));
                out.writeStringField("folder", String.valueOf(run.folder()));
                out.writeStringField("verdict", run.ended() ? run.text("verdict") : "UNKNOWN");
                out.writeNumberField("elapsed_s", run.seconds());
                RunReport.writeConfiguration(out, RunResults.CONFIGURATION, run.configuration());
                out.writeEndObject();
            }
            out.writeEndArray();
            rows(out, "operations", all.rows(), Metric.values());
            if (!all.locks().isEmpty()) {
                rows(out, "locks", all.locks(), LockMeasure.values());
            }
            out.writeEndObject();
            out.writeRaw('\n');
        }
    }

    private static void rows(JsonGenerator out, String key, List<Comparison.Row> rows, Measure... measures)
            throws IOException {
        out.writeArrayFieldStart(key);
        for (Comparison.Row row : rows) {
            out.writeStartObject();
            out.writeStringField("name", row.name());
            for (int i = 0; i < measures.length; i++) {
                out.writeArrayFieldStart(measures[i].key());
                for (ComparedValue cell : row.cells().get(i)) {
                    write(out, cell);
                }
                out.writeEndArray();
            }
            out.writeEndObject();
        }
        out.writeEndArray();
    }

    /** What is not known is left out. */
    private static void write(JsonGenerator out, ComparedValue cell) throws IOException {
        out.writeStartObject();
        number(out, "value", cell.value());
        number(out, "percent", cell.percent());
        out.writeNumberField("intervals", cell.intervals());
        number(out, "p", cell.chance());
        if (Double.isFinite(cell.chance())) {
            out.writeBooleanField("differs", cell.differs());
        }
        out.writeEndObject();
    }

    private static void number(JsonGenerator out, String name, double value) throws IOException {
        if (Double.isFinite(value)) {
            out.writeNumberField(name, value);
        }
    }
}

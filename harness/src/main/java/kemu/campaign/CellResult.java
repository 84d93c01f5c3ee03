package kemu.campaign;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kemu.host.SafeFiles;
import kemu.input.TextFile;
import kemu.report.Provenance;

/**
 * What one cell came to, as its {@code cell.json} keeps it. It holds no time and no host: the same command gives the
 * same bytes wherever it ran, as far as the command itself repeats.
 *
 * @param build version and commit of the kemu that ran it
 * @param arguments the command without {@code --out}
 * @param verdict what it came to
 * @param said one line: the cause of a failure, or what went wrong; null if there is nothing to say
 * @param summary the pairs of the SUMMARY line but verb, verdict and time
 */
public record CellResult(
        String build, List<String> arguments, Outcome verdict, String said, Map<String, String> summary) {
    /** Goes up when a key changes its meaning or goes away. */
    static final int SCHEMA = 1;

    private static final int LARGEST = 1 << 20;

    /** What a cell comes to; the worst first. */
    public enum Outcome {
        /** A violation was found. */
        FAIL,
        /** It ended without a verdict: an internal error, or its time was over. */
        ERROR,
        /** Its process was ended from outside, or its shard left nothing. */
        LOST,
        /** It was not decided. */
        UNKNOWN,
        /** It was not come to. */
        NOT_RUN,
        /** Nothing was found. */
        PASS
    }

    /** The kemu that runs here. */
    public static String ownBuild() {
        return Provenance.version() + " " + Provenance.commit();
    }

    /** What no process has written: {@code cell} was lost, or not come to. */
    static CellResult missing(CampaignCell cell, String lost) {
        return new CellResult(
                ownBuild(), cell.arguments(), lost == null ? Outcome.NOT_RUN : Outcome.LOST, lost, Map.of());
    }

    /** True if it need not be run again. */
    public boolean done() {
        return verdict == Outcome.PASS || verdict == Outcome.FAIL || verdict == Outcome.UNKNOWN;
    }

    /** The kind of a failure; empty if none is known. */
    public String kind() {
        return summary.getOrDefault("kind", "");
    }

    /** The verdict, and the kind of a failure. */
    public String words() {
        String word = verdict.name().replace('_', ' ');
        return verdict == Outcome.FAIL && !kind().isEmpty() ? word + " " + kind() : word;
    }

    /** Writes {@code file}. */
    void write(Path file) throws IOException {
        SafeFiles.writeText(file, out -> {
            try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
                json.useDefaultPrettyPrinter();
                json.writeStartObject();
                json.writeNumberField("schema", SCHEMA);
                json.writeStringField("build", build);
                json.writeArrayFieldStart("command");
                for (String word : arguments) {
                    json.writeString(word);
                }
                json.writeEndArray();
                writeFields(json);
                json.writeEndObject();
                json.writeRaw('\n');
            }
        });
    }

    /** Writes what was found into the object begun. */
    void writeFields(JsonGenerator json) throws IOException {
        json.writeStringField("verdict", verdict.name());
        if (said != null) {
            json.writeStringField("said", said);
        }
        json.writeObjectFieldStart("summary");
        for (Map.Entry<String, String> pair : summary.entrySet()) {
            json.writeStringField(pair.getKey(), pair.getValue());
        }
        json.writeEndObject();
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws IOException if {@code file} cannot be read, or is something else
     */
    static CellResult read(Path file) throws IOException {
        String build = null;
        List<String> arguments = null;
        Outcome verdict = null;
        String said = null;
        Map<String, String> summary = new TreeMap<>();
        try (JsonParser json = new JsonFactory().createParser(TextFile.read(file, LARGEST))) {
            require(json.nextToken() == JsonToken.START_OBJECT);
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String key = json.currentName();
                json.nextToken();
                switch (key) {
                    case "schema" -> require(json.getIntValue() == SCHEMA);
                    case "build" -> build = json.getText();
                    case "said" -> said = json.getText();
                    case "verdict" -> verdict = outcome(json.getText());
                    case "command" -> {
                        arguments = new ArrayList<>();
                        while (json.nextToken() == JsonToken.VALUE_STRING) {
                            arguments.add(json.getText());
                        }
                    }
                    case "summary" -> {
                        while (json.nextToken() == JsonToken.FIELD_NAME) {
                            summary.put(json.currentName(), json.nextTextValue());
                        }
                    }
                    default -> json.skipChildren();
                }
            }
            require(json.currentToken() == JsonToken.END_OBJECT);
        }
        require(build != null && arguments != null && verdict != null);
        return new CellResult(build, List.copyOf(arguments), verdict, said, summary);
    }

    private static Outcome outcome(String word) throws IOException {
        for (Outcome one : Outcome.values()) {
            if (one.name().equals(word)) {
                return one;
            }
        }
        throw new IOException("not the result of a cell");
    }

    private static void require(boolean right) throws IOException {
        if (!right) {
            throw new IOException("not the result of a cell");
        }
    }
}

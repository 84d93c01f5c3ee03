package kemu.results;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/** A line of {@code counters.jsonl} as it is written, with its end. */
public final class CounterLine {
    private static final JsonFactory JSON = new JsonFactory();

    /** Fields of a line. */
    @FunctionalInterface
    public interface Fields {
        /** Writes them into the object begun. */
        void write(JsonGenerator out) throws IOException;
    }

    private CounterLine() {}

    /** A line of {@code fields}, {@code elapsedMillis} after the begin of the run. */
    public static String of(long elapsedMillis, Fields fields) {
        StringWriter line = new StringWriter();
        try (JsonGenerator out = JSON.createGenerator(line)) {
            out.writeStartObject();
            out.writeNumberField("elapsed_ms", elapsedMillis);
            fields.write(out);
            out.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible); // it is in memory
        }
        return line.append('\n').toString();
    }

    /**
     * Something that happened.
     *
     * @param unit of {@code count}: {@code count} or {@code ms}
     * @param text more about it, or the empty string
     */
    public static String event(long elapsedMillis, String kind, String unit, long count, String text) {
        return of(elapsedMillis, out -> {
            out.writeStringField("event", kind);
            out.writeNumberField(unit, count);
            if (!text.isEmpty()) {
                out.writeStringField("text", text);
            }
        });
    }
}

package kemu.check.story;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/** A story as JSON. */
public final class StoryJson {
    private StoryJson() {}

    /** Writes the fields {@code cause}, {@code failure}, {@code cpus} and {@code steps} into the object begun. */
    public static void write(Story story, JsonGenerator json) throws IOException {
        json.writeStringField("cause", Cause.of(story));
        json.writeStringField("failure", story.failure());
        json.writeNumberField("cpus", story.cpus());
        json.writeArrayFieldStart("steps");
        for (Step step : story.steps()) {
            json.writeStartObject();
            json.writeNumberField("step", step.number());
            json.writeNumberField("cpu", step.cpu());
            json.writeStringField("task", step.task());
            json.writeStringField("what", step.what());
            if (step.address() != 0) {
                json.writeStringField("address", "0x" + Long.toHexString(step.address()));
                json.writeStringField("object", step.object());
                json.writeNumberField("before", step.before());
                json.writeNumberField("after", step.after());
            }
            strings(json, "calls", step.calls());
            strings(json, "store_buffer", step.buffered());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void strings(JsonGenerator json, String name, Iterable<String> values) throws IOException {
        json.writeArrayFieldStart(name);
        for (String value : values) {
            json.writeString(value);
        }
        json.writeEndArray();
    }
}

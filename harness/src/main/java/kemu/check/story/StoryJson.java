package kemu.check.story;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/** A story as JSON. */
public final class StoryJson {
    private StoryJson() {}

    /**
     * Writes the fields {@code cause}, {@code failure}, {@code cpus}, {@code steps} and {@code locks} into the object
     * begun.
     */
    public static void write(Story story, JsonGenerator json) throws IOException {
        json.writeStringField("cause", story.cause());
        json.writeBooleanField("cause_proved", story.isProved());
        json.writeStringField("failure", story.failure());
        json.writeNumberField("cpus", story.cpus());
        json.writeArrayFieldStart("steps");
        for (Step step : story.steps()) {
            json.writeStartObject();
            json.writeNumberField("step", step.number());
            json.writeNumberField("cpu", step.cpu());
            json.writeStringField("task", step.task());
            access(json, step.main());
            if (!step.plain().isEmpty()) {
                json.writeArrayFieldStart("plain");
                for (Access access : step.plain()) {
                    json.writeStartObject();
                    access(json, access);
                    json.writeEndObject();
                }
                json.writeEndArray();
            }
            strings(json, "store_buffer", step.buffered());
            json.writeEndObject();
        }
        json.writeEndArray();
        locks(json, story);
    }

    private static void access(JsonGenerator json, Access access) throws IOException {
        json.writeStringField("what", access.what());
        if (access.address() != 0) {
            json.writeStringField("address", "0x" + Long.toHexString(access.address()));
            json.writeStringField("object", access.object());
        }
        if (access.width() != 0) {
            json.writeNumberField("before", access.before());
            json.writeNumberField("after", access.after());
        }
        if (access.isOld()) {
            json.writeNumberField("memory", access.memory());
        }
        strings(json, "calls", access.calls());
    }

    private static void locks(JsonGenerator json, Story story) throws IOException {
        json.writeArrayFieldStart("locks");
        for (LockSpan span : LockSpan.of(story)) {
            json.writeStartObject();
            json.writeStringField("lock", span.lock());
            json.writeStringField("address", "0x" + Long.toHexString(span.address()));
            json.writeNumberField("cpu", span.cpu());
            json.writeStringField("task", span.task());
            json.writeNumberField("from_step", span.from());
            json.writeNumberField("to_step", span.to());
            json.writeBooleanField("left", span.left());
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

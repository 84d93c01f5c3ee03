package kemu.perfetto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Reads a trace as its format says, and fails where a viewer could not draw it. */
public final class TraceReader {
    /** A stretch: track, name, begin and end in microseconds, and what is said of it. */
    public record Slice(String process, String track, String name, double from, double to, Map<String, Object> args) {}

    private final List<Slice> slices = new ArrayList<>();
    private final Map<Object, String> processes = new HashMap<>();
    private final Map<Object, String> threads = new HashMap<>();
    private final Map<Object, Deque<Map<String, Object>>> open = new HashMap<>();
    private final Map<Object, Double> latest = new HashMap<>();
    private final Map<Object, String> arrows = new HashMap<>();
    private final Set<String> arrowNames = new TreeSet<>();
    private final Set<String> markTracks = new TreeSet<>();
    private final Map<String, Object> about;
    private int marks;

    /** Reads {@code file}, all of it. */
    @SuppressWarnings("unchecked")
    public TraceReader(Path file) throws IOException {
        try (JsonParser json = new JsonFactory().createParser(file.toFile())) {
            json.nextToken();
            Map<String, Object> all = (Map<String, Object>) value(json);
            assertNull(json.nextToken(), "nothing after the object");
            assertTrue(all.get("otherData") instanceof Map, "otherData");
            about = (Map<String, Object>) all.get("otherData");
            for (Object event : (List<Object>) all.get("traceEvents")) {
                read((Map<String, Object>) event);
            }
        }
        open.values().forEach(stack -> assertTrue(stack.isEmpty(), () -> "never ended: " + stack));
        arrows.forEach((id, ends) -> assertEquals("sf", ends, () -> "ends of arrow " + id));
    }

    /** All stretches. */
    public List<Slice> slices() {
        return slices;
    }

    /** The arrows by their numbers. */
    public int arrows() {
        return arrows.size();
    }

    /** What they are. */
    public Set<String> arrowNames() {
        return arrowNames;
    }

    /** Tracks with marks. */
    public Set<String> markTracks() {
        return markTracks;
    }

    /** What the file says of itself. */
    public Map<String, Object> about() {
        return about;
    }

    /** How many marks there are. */
    public int marks() {
        return marks;
    }

    private void read(Map<String, Object> event) {
        String phase = (String) event.get("ph");
        Object track = List.of(event.get("pid"), event.get("tid"));
        if (phase.equals("M")) {
            Object name = ((Map<?, ?>) event.get("args")).get("name");
            switch ((String) event.get("name")) {
                case "process_name" -> processes.put(event.get("pid"), (String) name);
                case "thread_name" -> assertNull(threads.put(track, (String) name), () -> "two names: " + event);
                default -> assertTrue(((String) event.get("name")).endsWith("_sort_index"), event::toString);
            }
            return;
        }
        assertNotNull(processes.get(event.get("pid")), () -> "no process name: " + event);
        assertNotNull(threads.get(track), () -> "no track name: " + event);
        double at = ((Number) event.get("ts")).doubleValue();
        assertTrue(at >= latest.getOrDefault(track, 0.0), () -> "time goes back: " + event);
        latest.put(track, at);
        Deque<Map<String, Object>> stack = open.computeIfAbsent(track, key -> new ArrayDeque<>());
        assertFalse(((String) event.get("name")).isEmpty(), event::toString);
        switch (phase) {
            case "B" -> stack.push(event);
            case "E" -> end(event, stack, track, at);
            case "s", "f" -> {
                assertFalse(stack.isEmpty(), () -> "the end of an arrow is on nothing: " + event);
                arrowNames.add((String) event.get("name"));
                arrows.merge(event.get("id"), phase, (one, other) -> phase.equals("s") ? "s" + one : one + "f");
            }
            case "i" -> {
                assertTrue(List.of("g", "t").contains(event.get("s")), event::toString);
                markTracks.add(threads.get(track));
                marks++;
            }
            default -> throw new AssertionError("phase: " + event);
        }
    }

    @SuppressWarnings("unchecked")
    private void end(Map<String, Object> event, Deque<Map<String, Object>> stack, Object track, double at) {
        assertFalse(stack.isEmpty(), () -> "ends, but has not begun: " + event);
        Map<String, Object> begun = stack.pop();
        assertEquals(begun.get("name"), event.get("name"));
        double from = ((Number) begun.get("ts")).doubleValue();
        assertTrue(from < at, () -> "takes no time: " + event);
        slices.add(new Slice(
                processes.get(event.get("pid")), threads.get(track), (String) event.get("name"), from, at, (Map<
                                String, Object>)
                        begun.getOrDefault("args", Map.of())));
    }

    private static Object value(JsonParser json) throws IOException {
        switch (json.currentToken()) {
            case START_OBJECT -> {
                Map<String, Object> object = new HashMap<>();
                while (json.nextToken() != JsonToken.END_OBJECT) {
                    String name = json.currentName();
                    json.nextToken();
                    assertNull(object.put(name, value(json)), () -> "twice: " + name);
                }
                return object;
            }
            case START_ARRAY -> {
                List<Object> array = new ArrayList<>();
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    array.add(value(json));
                }
                return array;
            }
            case VALUE_STRING -> {
                return json.getText();
            }
            default -> {
                return json.getNumberValue();
            }
        }
    }
}

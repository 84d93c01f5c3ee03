package kemu.soak.live;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kemu.results.RunResults;

/**
 * What {@code counters.jsonl} holds of a run whose process has died, which another one goes on with: an epoch ended
 * with each process. Counters begin anew in each epoch, the time goes on.
 *
 * @param epochs that have ended; 0 if there was no run before
 * @param firstMillis when the first one began, by the host's calendar
 * @param lastMillis from then to the last line
 * @param recordedMillis of all epochs together, each up to its last line
 * @param arguments the command line of the first one
 * @param counts what the last lines of all epochs have counted, added up
 */
public record Earlier(
        int epochs,
        long firstMillis,
        long lastMillis,
        long recordedMillis,
        List<String> arguments,
        Map<String, Long> counts) {
    /** No run before. */
    public static final Earlier NONE = new Earlier(0, 0, 0, 0, List.of(), Map.of());

    private static final JsonFactory JSON = new JsonFactory();

    /** The fields of one line: numbers, and the words of its one list. */
    private static final class Line {
        private final Map<String, Long> numbers = new HashMap<>();
        private final List<String> words = new ArrayList<>();
        private String event;

        /** Reads {@code text}; throws if that is no whole line. */
        static Line of(String text) throws IOException {
            Line line = new Line();
            try (JsonParser in = JSON.createParser(text)) {
                int depth = 0;
                // Ends with the text.
                for (JsonToken token = in.nextToken(); token != null; token = in.nextToken()) {
                    depth += token == JsonToken.START_OBJECT ? 1 : token == JsonToken.END_OBJECT ? -1 : 0;
                    if (depth == 1 && token == JsonToken.VALUE_NUMBER_INT) {
                        line.numbers.put(in.currentName(), in.getLongValue());
                    } else if (depth == 1 && token == JsonToken.VALUE_STRING) {
                        line.string(in.currentName(), in.getText());
                    }
                }
                if (depth != 0) {
                    throw new IOException("no end of the object");
                }
            }
            return line;
        }

        private void string(String name, String value) {
            if (name == null) {
                words.add(value);
            } else if (name.equals("event")) {
                event = value;
            }
        }
    }

    /**
     * Reads {@code file}. A last line that was cut off counts for nothing.
     *
     * @throws IOException if it cannot be read, or does not begin as the counters of a run that can be gone on with
     */
    public static Earlier read(Path file) throws IOException {
        Reading reading = new Reading();
        try (BufferedReader in = Files.newBufferedReader(file)) {
            // Ends with the file.
            for (String text = in.readLine(); text != null; text = in.readLine()) {
                Line line;
                try {
                    line = Line.of(text);
                } catch (IOException cutOff) {
                    if (in.readLine() == null) {
                        break;
                    }
                    throw new IOException("counters.jsonl is no record of a run", cutOff);
                }
                reading.take(line);
            }
        }
        return reading.earlier();
    }

    /** The lines so far. */
    private static final class Reading {
        private final Map<String, Long> counts = new HashMap<>();
        private Line first;
        private Line lastCounters;
        private int epochs;
        private long epochBegan;
        private long last;
        private long recorded;

        void take(Line line) throws IOException {
            long at = line.numbers.getOrDefault("elapsed_ms", -1L);
            boolean begins = "start".equals(line.event) || "resume".equals(line.event);
            if (first == null) {
                if (!"start".equals(line.event)
                        || line.numbers.getOrDefault("schema", 0L) != RunResults.COUNTERS_SCHEMA) {
                    throw new IOException("counters.jsonl is not of a run of this version");
                }
                first = line;
            }
            if (begins) {
                endEpoch();
                epochs++;
                epochBegan = at;
            }
            last = Math.max(last, at);
            lastCounters = line.event == null ? line : lastCounters;
        }

        private void endEpoch() {
            recorded += epochs == 0 ? 0 : last - epochBegan;
            if (lastCounters != null) {
                lastCounters.numbers.forEach((name, count) -> counts.merge(name, count, Long::sum));
            }
            lastCounters = null;
        }

        Earlier earlier() throws IOException {
            if (first == null) {
                throw new IOException("counters.jsonl is empty");
            }
            endEpoch();
            return new Earlier(epochs, first.numbers.get("time_ms"), last, recorded, List.copyOf(first.words), counts);
        }
    }

    /** What was counted under {@code name}, 0 if nothing was. */
    public long count(String name) {
        return counts.getOrDefault(name, 0L);
    }
}

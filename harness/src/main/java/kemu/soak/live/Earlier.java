package kemu.soak.live;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kemu.results.JsonTree;
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

    /** The fields of one line. */
    private record Line(Map<String, Object> fields) {
        String event() {
            return fields.get("event") instanceof String event ? event : null;
        }

        long number(String name, long none) {
            return fields.get(name) instanceof Number number ? number.longValue() : none;
        }

        /** The command line that it tells; empty if none. */
        List<String> arguments() {
            return fields.get("arguments") instanceof List<?> words
                    ? words.stream().map(String::valueOf).toList()
                    : List.of();
        }

        void addTo(Map<String, Long> counts) {
            fields.forEach((name, value) -> {
                if (value instanceof Number number) {
                    counts.merge(name, number.longValue(), Long::sum);
                }
            });
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
                    line = new Line(JsonTree.object(text));
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
            long at = line.number("elapsed_ms", -1);
            boolean begins = "start".equals(line.event()) || "resume".equals(line.event());
            if (first == null) {
                if (!"start".equals(line.event()) || line.number("schema", 0) != RunResults.COUNTERS_SCHEMA) {
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
            lastCounters = line.event() == null ? line : lastCounters;
        }

        private void endEpoch() {
            recorded += epochs == 0 ? 0 : last - epochBegan;
            if (lastCounters != null) {
                lastCounters.addTo(counts);
            }
            lastCounters = null;
        }

        Earlier earlier() throws IOException {
            if (first == null) {
                throw new IOException("counters.jsonl is empty");
            }
            endEpoch();
            return new Earlier(epochs, first.number("time_ms", 0), last, recorded, first.arguments(), counts);
        }
    }

    /** What was counted under {@code name}, 0 if nothing was. */
    public long count(String name) {
        return counts.getOrDefault(name, 0L);
    }
}

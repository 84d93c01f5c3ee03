package kemu.results;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** {@code counters.jsonl}, read as far as it can be: numbers over time, by name, and what the run was asked for. */
public final class CounterHistory {
    private static final String TIME = "elapsed_ms";
    private static final String RUN = "run";
    private static final Set<String> NO_COUNTERS = Set.of(TIME, "schema");

    private static final String EVENT = "event";
    private static final String START = "start";

    /**
     * Something that happened.
     *
     * @param seconds when, since the begin of the run
     * @param kind in one word
     * @param count how many times since the last of its kind
     * @param millis how long it was; 0 if that is not told
     * @param text more about it; may be empty
     */
    public record Happened(double seconds, String kind, long count, long millis, String text) {}

    private final List<Happened> events = new ArrayList<>();
    private final Map<String, List<Double>> columns = new LinkedHashMap<>();
    private final List<Double> times = new ArrayList<>();
    private Map<String, Object> run = Map.of();
    private String problem = "";

    private CounterHistory() {}

    /** Reads {@code file}; empty if it is not there. */
    static CounterHistory read(Path file) {
        CounterHistory log = new CounterHistory();
        if (!WholeLines.isThere(file)) {
            log.problem = file.getFileName() + " is not there";
            return log;
        }
        int number = 0;
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(WholeLines.of(file), StandardCharsets.UTF_8))) {
            // Ends with the file.
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                log.take(JsonTree.object(line));
            }
        } catch (IOException damaged) {
            // Of a file that a crash of the host has damaged, what comes before is good.
            log.problem =
                    file.getFileName() + " cannot be read from line " + number + " on (" + damaged.getMessage() + ")";
        }
        return log;
    }

    private void take(Map<String, Object> line) {
        if (line.get(RUN) instanceof Map<?, ?> described && run.isEmpty()) {
            run = new LinkedHashMap<>();
            described.forEach((key, value) -> run.put(String.valueOf(key), value));
        }
        if (!(line.get(TIME) instanceof Number elapsed)) {
            return;
        }
        double seconds = elapsed.doubleValue() / 1e3;
        if (line.get(EVENT) != null) {
            happened(seconds, line);
        } else if (times.isEmpty() || seconds >= times.getLast()) {
            times.add(seconds);
            numbers(line);
        }
    }

    private void happened(double seconds, Map<String, Object> line) {
        String kind = String.valueOf(line.get(EVENT));
        if (!kind.equals(START)) {
            Object count = line.getOrDefault("count", 1);
            Object millis = line.getOrDefault("ms", 0);
            events.add(new Happened(
                    seconds,
                    kind,
                    count instanceof Number number ? number.longValue() : 1,
                    millis instanceof Number number ? number.longValue() : 0,
                    String.valueOf(line.getOrDefault("text", ""))));
        }
    }

    private void numbers(Map<String, Object> line) {
        line.forEach((name, value) -> {
            if (value instanceof Number number && !NO_COUNTERS.contains(name)) {
                column(name).add(number.doubleValue());
            }
        });
        columns.values().forEach(column -> {
            if (column.size() < times.size()) {
                column.add(column.isEmpty() ? 0 : column.getLast());
            }
        });
    }

    /** The column called {@code name}, with zeros for what came before it. */
    private List<Double> column(String name) {
        return columns.computeIfAbsent(name, none -> {
            List<Double> column = new ArrayList<>();
            for (int i = 1; i < times.size(); i++) {
                column.add(0.0);
            }
            return column;
        });
    }

    /** Names of the numbers. */
    public Set<String> names() {
        return columns.keySet();
    }

    /** Number of lines with a time. */
    public int size() {
        return times.size();
    }

    /** Seconds since the begin of the run, of each line. */
    public double[] seconds() {
        return times.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** What {@code name} was at each of these times; zeros if there is no such number. */
    public double[] values(String name) {
        return columns.containsKey(name)
                ? columns.get(name).stream().mapToDouble(Double::doubleValue).toArray()
                : new double[times.size()];
    }

    /** The last value of {@code name}; 0 if there is none. */
    public double last(String name) {
        return columns.containsKey(name) ? columns.get(name).getLast() : 0;
    }

    /** What happened, as the run told it. */
    public List<Happened> events() {
        return Collections.unmodifiableList(events);
    }

    /** What the run was asked for; empty if the file does not say. */
    public Map<String, Object> run() {
        return run;
    }

    /** Why it does not hold everything, in half a line; empty if it does. */
    public String problem() {
        return problem;
    }
}

package kemu.results;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import kemu.host.SafeFiles;
import kemu.option.UsageException;

/**
 * A run as its directory tells it. A run that is still going, or was killed, has no {@code run.json}: what it was asked
 * for then comes from the first line of {@code counters.jsonl}.
 */
public final class RunResults {
    /** The report of a run that has ended. */
    public static final String JSON = "run.json";
    /** Latencies of every operation and interval. */
    public static final String LATENCIES = "latency.hlog";
    /** Counters over time. */
    public static final String COUNTERS = "counters.jsonl";

    /**
     * Version of {@link #JSON}; goes up when a key changes its meaning or goes away. 2: {@code skipped} no longer
     * counts what had not started when the run was stopped.
     */
    public static final int SCHEMA = 2;

    /** Version of {@link #COUNTERS}, in its first line. 2: that line; and lines of events. */
    public static final int COUNTERS_SCHEMA = 2;

    /** What a run was asked for, in its {@link #JSON}. */
    public static final String CONFIGURATION = "configuration";

    private static final List<String> VERBS = List.of("run", "merge");

    private final Path folder;
    private final Map<String, Object> json;
    private final CounterHistory counters;
    private LatencyHistory latencies;

    private RunResults(Path folder, Map<String, Object> json) {
        this.folder = folder;
        this.json = json;
        counters = CounterHistory.read(folder.resolve(COUNTERS));
    }

    /**
     * The run whose directory is {@code folder}.
     *
     * @throws UsageException if it is no directory of a run
     */
    public static RunResults read(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new UsageException(folder + ": " + (Files.exists(folder) ? "is no folder" : "no such folder")
                    + " (allowed: the folder of a run, as --out was given)");
        }
        if (Stream.of(JSON, LATENCIES, COUNTERS).noneMatch(name -> WholeLines.isThere(folder.resolve(name)))) {
            throw new UsageException(folder + ": not the folder of a run (none of " + JSON + ", " + LATENCIES + ", "
                    + COUNTERS + " is in it)");
        }
        Path file = folder.resolve(JSON);
        if (!WholeLines.isThere(file)) {
            return new RunResults(folder, Map.of());
        }
        try {
            return new RunResults(folder, checked(file, JsonTree.object(Files.readString(file))));
        } catch (IOException unreadable) {
            throw new UsageException(file + ": cannot be read (" + SafeFiles.reason(unreadable) + ")");
        }
    }

    /** The run that ends with {@code report}, the text of its run.json, and has written the rest to {@code folder}. */
    public static RunResults of(Path folder, String report) throws IOException {
        return new RunResults(folder, JsonTree.object(report));
    }

    private static Map<String, Object> checked(Path file, Map<String, Object> json) {
        Object verb = json.get("verb");
        if (!VERBS.contains(verb)) {
            throw new UsageException(file + ": of kemu " + verb + " (allowed: folders that kemu run or merge wrote)");
        }
        if (!(json.get("schema") instanceof Number schema) || schema.intValue() > SCHEMA) {
            throw new UsageException(
                    file + ": schema " + json.get("schema") + ", of a newer kemu (allowed: up to " + SCHEMA + ")");
        }
        return json;
    }

    /** The directory. */
    public Path folder() {
        return folder;
    }

    /** Whether the run has ended by itself: it has left a report. */
    public boolean ended() {
        return !json.isEmpty();
    }

    /** {@code run.json}; empty if there is none. */
    public Map<String, Object> json() {
        return json;
    }

    /** Text stored under {@code key} of the report; empty if there is none. */
    public String text(String key) {
        return json.get(key) == null ? "" : String.valueOf(json.get(key));
    }

    /** Whole number stored under {@code key} of the report; 0 if there is none. */
    public long number(String key) {
        return json.get(key) instanceof Number number ? number.longValue() : 0;
    }

    /** Lines stored under {@code key} of the report. */
    public List<String> lines(String key) {
        return json.get(key) instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of();
    }

    /** What it was asked for: version, workload, command and every option that has a value; empty if unknown. */
    public Map<String, Object> configuration() {
        if (!(json.get(CONFIGURATION) instanceof Map<?, ?> given)) {
            return counters.run();
        }
        Map<String, Object> all = new LinkedHashMap<>();
        given.forEach((key, value) -> all.put(String.valueOf(key), value));
        return all;
    }

    /** Its latencies; kept once they are read. */
    public LatencyHistory latencies() {
        if (latencies == null) {
            latencies = readLatencies();
        }
        return latencies;
    }

    /** Its latencies, read anew and not kept: for those who go through many runs. */
    public LatencyHistory readLatencies() {
        return LatencyHistory.read(folder.resolve(LATENCIES));
    }

    /** Its counters. */
    public CounterHistory counters() {
        return counters;
    }

    /** Seconds that it has lasted, as far as is recorded. */
    public double seconds() {
        return seconds(latencies());
    }

    /** The same, {@code log} being its latencies. */
    public double seconds(LatencyHistory log) {
        double last = counters.size() == 0 ? 0 : counters.seconds()[counters.size() - 1];
        return Math.max(last, log.seconds());
    }

    /** What is missing of what it recorded, a line each. */
    public List<String> problems() {
        return problems(latencies());
    }

    /** The same, {@code log} being its latencies. */
    public List<String> problems(LatencyHistory log) {
        List<String> lines = new ArrayList<>();
        if (!ended()) {
            lines.add(JSON + " is not there: the run is still going, or was killed");
        }
        for (String problem : List.of(log.problem(), counters.problem())) {
            if (!problem.isEmpty()) {
                lines.add(problem);
            }
        }
        return lines;
    }
}

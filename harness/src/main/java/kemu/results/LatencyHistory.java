package kemu.results;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import kemu.host.SafeFiles;

/** {@code latency.hlog}, read as far as it can be. */
public final class LatencyHistory {
    private final Map<String, OperationLatencies> operations = new TreeMap<>();
    private final Map<Double, Double> spans = new TreeMap<>();
    private double seconds;
    private String problem = "";

    private LatencyHistory() {}

    /** Reads {@code file}; empty if it is not there. Lines without a tag are sums of others and are left out. */
    static LatencyHistory read(Path file) {
        LatencyHistory log = new LatencyHistory();
        if (!WholeLines.isThere(file)) {
            log.problem = file.getFileName() + " is not there";
            return log;
        }
        try (LatencyLines lines = new LatencyLines(file)) {
            // Ends with the file.
            for (LatencyLines.Line line = lines.next(); line != null; line = lines.next()) {
                if (line.histogram().getTag() != null) {
                    log.operations
                            .computeIfAbsent(line.histogram().getTag(), OperationLatencies::new)
                            .add(line.histogram(), line.from(), line.to());
                    log.spans.put(line.from(), line.to());
                    log.seconds = Math.max(log.seconds, line.to());
                }
            }
            log.problem = lines.problem();
        } catch (IOException unreadable) {
            log.problem = file.getFileName() + " cannot be read (" + SafeFiles.reason(unreadable) + ")";
        }
        return log;
    }

    /** The operations, by name. */
    public Collection<OperationLatencies> operations() {
        return operations.values();
    }

    /** The operation called {@code name}, or null. */
    public OperationLatencies operation(String name) {
        return operations.get(name);
    }

    /** Begin and end of all intervals in which anything was done, in seconds since the begin of the run. */
    public Map<Double, Double> spans() {
        return Collections.unmodifiableMap(spans);
    }

    /** End of the last interval, since the begin of the run. */
    public double seconds() {
        return seconds;
    }

    /** Why it does not hold everything, in half a line; empty if it does. */
    public String problem() {
        return problem;
    }
}

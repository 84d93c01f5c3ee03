package kemu.merge;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import kemu.host.SafeFiles;
import kemu.latency.Latencies;
import kemu.locks.LockFigures;
import kemu.report.Provenance;
import kemu.report.RunReport;
import kemu.report.Verdict;
import kemu.results.LatencyHistory;
import kemu.results.OperationLatencies;
import kemu.results.RunResults;
import kemu.results.SameWork;
import org.HdrHistogram.Histogram;

/**
 * Runs of the same work added up: histograms without loss, counters and counts by sum, peaks by the largest. The
 * verdict is the worst one; a run that has not ended has none, so the sum is UNKNOWN.
 */
public final class MergedRun {
    /** Keys that are no counts and cannot be added; what is worked out from others is worked out anew. */
    private static final Set<String> NOT_ADDED = Set.of("schema", "seed", "elapsed_s", "vmas_per_walk");

    /** What workloads say of their own options, the same in all runs. */
    private static final Set<String> SHAPES = Set.of(
            "children",
            "pages",
            "vmas",
            "touch",
            "jobs",
            "copies",
            "processes_each",
            "threads_each",
            "kinds",
            "tasks",
            "file_pages",
            "anon_pages");

    private final List<RunResults> runs;
    private final List<String> arguments;
    private final Map<String, Object> configuration;

    /** Adds {@code runs}, which did the same work with the same strategies; {@code arguments} is what was typed. */
    public MergedRun(List<RunResults> runs, List<String> arguments) {
        SameWork.require(runs, SameWork.LENGTH);
        this.runs = List.copyOf(runs);
        this.arguments = List.copyOf(arguments);
        configuration = new LinkedHashMap<>(runs.getFirst().configuration());
        configuration.remove("seed");
        configuration.computeIfPresent(
                "duration_ms",
                (key, first) -> runs.stream()
                        .mapToLong(run -> ((Number) run.configuration().getOrDefault(key, 0)).longValue())
                        .max()
                        .orElseThrow());
        configuration.put(
                "seeds",
                runs.stream()
                        .map(run -> run.configuration()
                                .getOrDefault("seeds", run.configuration().get("seed")))
                        .flatMap(seeds -> seeds instanceof List<?> list ? list.stream() : Stream.of(seeds))
                        .toList());
    }

    /** Writes all files to {@code folder}, which must exist. */
    public RunReport write(Path folder) throws IOException {
        RunReport report = report();
        MergedLatencies.write(folder.resolve(RunResults.LATENCIES), runs);
        MergedCounters.write(folder.resolve(RunResults.COUNTERS), runs, configuration);
        SafeFiles.writeString(folder.resolve(RunResults.JSON), report.json(arguments));
        Provenance.writeEnvironment(folder, arguments);
        return report;
    }

    private RunReport report() {
        RunReport report = new RunReport("merge", String.valueOf(configuration.get("workload")));
        report.configuration(configuration);
        report.put("runs", runs.size());
        Map<String, Object> sums = new LinkedHashMap<>();
        for (RunResults run : runs) {
            results(run).forEach((key, value) -> {
                if (value instanceof Number number && isAdded(key)) {
                    sums.merge(key, number, (one, other) -> add(key, (Number) one, (Number) other));
                }
            });
        }
        for (String shape : SHAPES) {
            if (sums.containsKey(shape)) {
                sums.put(shape, (Number) runs.getFirst().json().getOrDefault(shape, 0));
            }
        }
        sums.forEach(report::put);
        latencies(report);
        counters(report);
        locks(report);
        verdict(report);
        return report;
    }

    /** What a run came to: its report, or what it had counted when it was last heard of. */
    private static Map<String, ?> results(RunResults run) {
        return run.ended() ? run.json() : RecordedCounts.results(run.counters());
    }

    /** Results only: what was asked for is the same in all. */
    private boolean isAdded(String key) {
        return !NOT_ADDED.contains(key)
                && !configuration.containsKey(key)
                && !key.endsWith("_ns")
                && !key.endsWith("_per_s");
    }

    private static Number add(String key, Number one, Number other) {
        if (key.contains("peak") || key.endsWith("_max")) {
            return Math.max(one.longValue(), other.longValue());
        }
        if (one instanceof Double || other instanceof Double) {
            return one.doubleValue() + other.doubleValue();
        }
        // What was not looked at in one run is not known of the sum.
        return one.longValue() < 0 || other.longValue() < 0 ? -1L : one.longValue() + other.longValue();
    }

    /** Reads the latencies of one run after the other: there may be many. */
    private void latencies(RunReport report) {
        Map<String, Histogram> sums = new TreeMap<>();
        double longest = 0;
        double total = 0;
        for (RunResults run : runs) {
            LatencyHistory log = run.readLatencies();
            for (OperationLatencies one : log.operations()) {
                sums.computeIfAbsent(one.name(), none -> Latencies.emptyHistogram())
                        .add(one.total());
            }
            longest = Math.max(longest, run.seconds(log));
            total += run.seconds(log);
            run.problems(log).forEach(problem -> report.note(run.folder() + ": " + problem));
        }
        report.put("elapsed_s", longest);
        report.put("total_elapsed_s", total);
        sums.forEach(report::latency);
    }

    private void counters(RunReport report) {
        Map<String, Long> sums = new LinkedHashMap<>();
        for (RunResults run : runs) {
            Object counted = run.ended() ? run.json().get("counters") : RecordedCounts.vmStat(run.counters());
            if (counted instanceof Map<?, ?> counters) {
                counters.forEach(
                        (key, value) -> sums.merge(String.valueOf(key), ((Number) value).longValue(), Long::sum));
            }
        }
        report.counters(sums);
    }

    /** A run that did not measure them says nothing of them. */
    private void locks(RunReport report) {
        report.locks(LockFigures.sum(runs.stream()
                .map(run -> LockFigures.all(run.json().get("locks")))
                .toList()));
    }

    private void verdict(RunReport report) {
        for (RunResults run : runs) {
            String told = run.folder() + " (seed " + run.configuration().getOrDefault("seed", "?") + "): ";
            if (!run.ended()) {
                report.unknown("no-verdict", told + "has not ended, or was killed; what it recorded is added");
            } else if (run.text("verdict").equals(Verdict.FAIL.name())) {
                report.failIf(true, run.text("kind"));
                report.note(told + "FAIL " + run.text("kind"));
            } else if (run.text("verdict").equals(Verdict.UNKNOWN.name())) {
                report.unknown(run.text("kind"), told + "UNKNOWN " + run.text("kind"));
            } else {
                report.note(told + run.text("verdict"));
            }
            run.lines("notes").forEach(note -> report.note(run.folder() + ": " + note));
        }
    }
}

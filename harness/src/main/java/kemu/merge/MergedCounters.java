package kemu.merge;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kemu.host.SafeFiles;
import kemu.report.RunReport;
import kemu.results.CounterHistory;
import kemu.results.CounterLine;
import kemu.results.RunResults;

/**
 * The counters of several runs as one: at each time of the run with most lines, the sum of what each run had told by
 * then, and at the end the sum of all. A run that is over keeps its last values.
 */
final class MergedCounters {
    private final List<CounterHistory> logs;
    private final List<double[]> times;
    private final Map<String, List<double[]>> columns = new LinkedHashMap<>();

    private MergedCounters(List<RunResults> runs) {
        logs = runs.stream().map(RunResults::counters).toList();
        times = logs.stream().map(CounterHistory::seconds).toList();
        Set<String> names = new LinkedHashSet<>();
        logs.forEach(log -> names.addAll(log.names()));
        for (String name : names) {
            columns.put(name, logs.stream().map(log -> log.values(name)).toList());
        }
    }

    /** Writes {@code file} from the counters of {@code runs}, which were asked for {@code configuration}. */
    static void write(Path file, List<RunResults> runs, Map<String, Object> configuration) throws IOException {
        MergedCounters merged = new MergedCounters(runs);
        SafeFiles.writeText(file, text -> merged.write(text, configuration));
    }

    private void write(Writer text, Map<String, Object> configuration) throws IOException {
        text.write(CounterLine.of(0, out -> {
            out.writeStringField("event", "start");
            out.writeNumberField("schema", RunResults.COUNTERS_SCHEMA);
            RunReport.writeConfiguration(out, "run", configuration);
        }));
        for (CounterHistory.Happened event : events()) {
            text.write(line(event));
        }
        double[] most =
                times.stream().max(Comparator.comparingInt(all -> all.length)).orElseThrow();
        double end = times.stream()
                .mapToDouble(all -> all.length == 0 ? 0 : all[all.length - 1])
                .max()
                .orElse(0);
        List<Double> at = new ArrayList<>();
        for (double time : most) {
            at.add(time);
        }
        if (at.isEmpty() || at.getLast() < end) {
            at.add(end);
        }
        int[] told = new int[logs.size()];
        for (double time : at) {
            for (int i = 0; i < told.length; i++) {
                // Ends with the lines of the run.
                while (told[i] < times.get(i).length && times.get(i)[told[i]] <= time) {
                    told[i]++;
                }
            }
            text.write(CounterLine.of(Math.round(time * 1e3), out -> sums(out, told)));
        }
    }

    /** What happened in any run. */
    private List<CounterHistory.Happened> events() {
        return logs.stream()
                .flatMap(log -> log.events().stream())
                .sorted(Comparator.comparingDouble(CounterHistory.Happened::seconds))
                .toList();
    }

    private static String line(CounterHistory.Happened event) {
        boolean lasted = event.millis() != 0;
        return CounterLine.event(
                Math.round(event.seconds() * 1e3),
                event.kind(),
                lasted ? "ms" : "count",
                lasted ? event.millis() : event.count(),
                event.text());
    }

    private void sums(JsonGenerator out, int[] told) throws IOException {
        for (Map.Entry<String, List<double[]>> column : columns.entrySet()) {
            double sum = 0;
            for (int i = 0; i < told.length; i++) {
                sum += told[i] == 0 ? 0 : column.getValue().get(i)[told[i] - 1];
            }
            out.writeNumberField(column.getKey(), Math.round(sum));
        }
    }
}

package kemu.merge;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import kemu.host.SafeFiles;
import kemu.latency.IntervalLog;
import kemu.results.LatencyLines;
import kemu.results.RunResults;
import org.HdrHistogram.HistogramLogWriter;

/**
 * The latency logs of several runs as one: every interval of each, unchanged, in order of the time since the begin of
 * its run. Nothing is lost: the histograms of an operation add up to those of the runs.
 */
final class MergedLatencies {
    private record Head(LatencyLines.Line line, LatencyLines from) {}

    private MergedLatencies() {}

    /** Writes {@code file} from the logs of {@code runs}. */
    static void write(Path file, List<RunResults> runs) throws IOException {
        List<LatencyLines> logs = new ArrayList<>();
        try {
            for (RunResults run : runs) {
                Path log = run.folder().resolve(RunResults.LATENCIES);
                if (Files.isRegularFile(log)) {
                    logs.add(new LatencyLines(log));
                }
            }
            SafeFiles.write(file, out -> merge(logs, out));
        } finally {
            logs.forEach(LatencyLines::close);
        }
    }

    private static void merge(List<LatencyLines> logs, OutputStream out) throws IOException {
        PriorityQueue<Head> heads = new PriorityQueue<>(
                Comparator.comparingDouble(head -> head.line().from()));
        for (LatencyLines log : logs) {
            next(log, heads);
        }
        double begin = logs.stream()
                .mapToDouble(LatencyLines::beginSeconds)
                .filter(seconds -> seconds > 0)
                .min()
                .orElse(0);
        long base = Math.round(begin * 1e3);
        PrintStream text = new PrintStream(new BufferedOutputStream(out), false, StandardCharsets.UTF_8);
        HistogramLogWriter writer = IntervalLog.begin(text, base);
        // Ends with the last line of the last log.
        for (Head head = heads.poll(); head != null; head = heads.poll()) {
            LatencyLines.Line line = head.line();
            line.histogram().setStartTimeStamp(base + Math.round(line.from() * 1e3));
            line.histogram().setEndTimeStamp(base + Math.round(line.to() * 1e3));
            writer.outputIntervalHistogram(line.histogram());
            next(head.from(), heads);
        }
        text.flush();
        if (text.checkError()) {
            throw new IOException("cannot be written whole");
        }
    }

    private static void next(LatencyLines log, PriorityQueue<Head> heads) {
        LatencyLines.Line line = log.next();
        if (line != null) {
            heads.add(new Head(line, log));
        }
    }
}

package kemu.results;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;
import kemu.hw.cpu.LatencySink;
import kemu.hw.cpu.Tags;
import kemu.latency.IntervalLog;
import kemu.latency.Latencies;
import kemu.locks.LockFigures;
import kemu.report.RunReport;

/** Writes what a run leaves in its directory, with figures of the test's choice. */
public final class RunDirectory {
    /** Base time of all logs, in milliseconds since 1970. */
    public static final long BEGIN_MILLIS = 1_700_000_000_000L;

    private final Path folder;
    private final StringBuilder counters = new StringBuilder();
    private List<LockFigures> locks = List.of();
    private String configuration = "\"version\":\"1\",\"workload\":\"kbuild\",\"anon_vma\":\"root-recheck\",\"seed\":1,"
            + "\"command\":[\"run\",\"kbuild\"]";

    /** A directory {@code folder}, which is made. */
    public RunDirectory(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
    }

    /** Says {@code json} of the run, instead of what is usual. */
    public RunDirectory configuration(String json) {
        configuration = json;
        return this;
    }

    /** Writes the start of the counters and {@code seconds} intervals, in each of which {@code pgfault} grows by 10. */
    public RunDirectory counters(int seconds) throws IOException {
        counters.append("{\"elapsed_ms\":0,\"event\":\"start\",\"schema\":2,\"run\":{")
                .append(configuration)
                .append("}}\n");
        for (int i = 1; i <= seconds; i++) {
            counters.append("{\"elapsed_ms\":" + 1000 * i + ",\"pgfault\":" + 10 * i + ",\"nr_free_pages\":"
                    + (1000 - i) + ",\"oom_kill\":" + (i > seconds / 2 ? 1 : 0) + "}\n");
        }
        Files.writeString(folder.resolve(RunResults.COUNTERS), counters);
        return this;
    }

    /**
     * Writes latencies: in each of {@code seconds} intervals, 100 operations of every one in {@code nanos}, which gives
     * each its latency from a number that is drawn from 0 to 999 by {@code seed}.
     */
    public RunDirectory latencies(int seconds, long seed, Map<String, LongUnaryOperator> nanos) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        Latencies latencies = new Latencies(1);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        IntervalLog log = new IntervalLog(bytes, latencies, BEGIN_MILLIS);
        LatencySink sink = latencies.sink(0);
        for (int second = 1; second <= seconds; second++) {
            nanos.forEach((name, latency) -> {
                for (int i = 0; i < 100; i++) {
                    sink.record(Tags.tag(name), latency.applyAsLong(random.nextInt(1000)));
                }
            });
            log.interval(BEGIN_MILLIS + second * 1000L);
        }
        Files.write(folder.resolve(RunResults.LATENCIES), bytes.toByteArray());
        return this;
    }

    /** Says in the report that a lock called {@code name} was taken, and waited for {@code waits} times 1 ms. */
    public RunDirectory lock(String name, long waits) {
        locks = List.of(new LockFigures(
                name,
                "spinlock",
                "own",
                new LockFigures.Times(waits, waits * 1_000_000, 1_000_000, 1_000_000, 1_000_000),
                new LockFigures.Times(100, 100_000, 1000, 1000, 1000)));
        return this;
    }

    /** Writes a report with a verdict, of which {@code forks} is one value. */
    public RunDirectory ended(Map<String, Object> asked, long forks) throws IOException {
        RunReport report = new RunReport("run", "kbuild");
        report.configuration(asked);
        report.put("forks", forks);
        report.counters(Map.of("pgfault", forks));
        report.locks(locks);
        Files.writeString(folder.resolve(RunResults.JSON), report.json(List.of("run", "kbuild")));
        return this;
    }

    /** The directory. */
    public Path folder() {
        return folder;
    }
}
